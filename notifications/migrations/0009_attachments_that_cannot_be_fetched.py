"""Two more ways for an e-mail to fail; the version before this one writes neither.

The new constraint is checked for new rows only; the next migration sees to the old ones.
"""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0008_feed_tells_type_and_reference'),
        ('orders', '0012_attachments'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='notification',
            name='notification_status_fits_channel',
        ),
        migrations.AlterField(
            model_name='dailycount',
            name='status',
            field=models.CharField(choices=[('New', 'New'), ('Sending', 'Sending'), ('Accepted', 'Accepted'), ('Succeeded', 'Succeeded'), ('Delivered', 'Delivered'), ('Failed', 'Failed'), ('Failed_RecipientReserved', 'Failed Recipient Reserved'), ('Failed_RecipientNotIdentified', 'Failed Recipient Not Identified'), ('Failed_TTL', 'Failed Ttl'), ('Failed_InvalidRecipient', 'Failed Invalid Recipient'), ('Failed_BarredReceiver', 'Failed Barred Receiver'), ('Failed_Deleted', 'Failed Deleted'), ('Failed_Expired', 'Failed Expired'), ('Failed_Undelivered', 'Failed Undelivered'), ('Failed_Rejected', 'Failed Rejected'), ('Failed_InvalidEmailFormat', 'Failed Invalid Email Format'), ('Failed_SupressedRecipient', 'Failed Supressed Recipient'), ('Failed_Bounced', 'Failed Bounced'), ('Failed_FilteredSpam', 'Failed Filtered Spam'), ('Failed_Quarantined', 'Failed Quarantined'), ('Failed_InvalidSasUrl', 'Failed Invalid Sas Url'), ('Failed_PayloadTooLarge', 'Failed Payload Too Large')], max_length=29),
        ),
        migrations.AlterField(
            model_name='notification',
            name='policy',
            field=models.CharField(choices=[('Anytime', 'At any time'), ('Daytime', 'In the send window'), ('Fetched', 'At any time, with its attachments')], max_length=7),
        ),
        migrations.AlterField(
            model_name='notification',
            name='status',
            field=models.CharField(choices=[('New', 'New'), ('Sending', 'Sending'), ('Accepted', 'Accepted'), ('Succeeded', 'Succeeded'), ('Delivered', 'Delivered'), ('Failed', 'Failed'), ('Failed_RecipientReserved', 'Failed Recipient Reserved'), ('Failed_RecipientNotIdentified', 'Failed Recipient Not Identified'), ('Failed_TTL', 'Failed Ttl'), ('Failed_InvalidRecipient', 'Failed Invalid Recipient'), ('Failed_BarredReceiver', 'Failed Barred Receiver'), ('Failed_Deleted', 'Failed Deleted'), ('Failed_Expired', 'Failed Expired'), ('Failed_Undelivered', 'Failed Undelivered'), ('Failed_Rejected', 'Failed Rejected'), ('Failed_InvalidEmailFormat', 'Failed Invalid Email Format'), ('Failed_SupressedRecipient', 'Failed Supressed Recipient'), ('Failed_Bounced', 'Failed Bounced'), ('Failed_FilteredSpam', 'Failed Filtered Spam'), ('Failed_Quarantined', 'Failed Quarantined'), ('Failed_InvalidSasUrl', 'Failed Invalid Sas Url'), ('Failed_PayloadTooLarge', 'Failed Payload Too Large')], max_length=29),
        ),
        AddConstraintNotValid(
            model_name='notification',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('channel', 'Sms'), ('status__in', ['New', 'Sending', 'Delivered', 'Failed', 'Failed_TTL', 'Failed_RecipientReserved', 'Failed_RecipientNotIdentified', 'Accepted', 'Failed_InvalidRecipient', 'Failed_BarredReceiver', 'Failed_Deleted', 'Failed_Expired', 'Failed_Undelivered', 'Failed_Rejected'])), models.Q(('channel', 'Email'), ('status__in', ['New', 'Sending', 'Delivered', 'Failed', 'Failed_TTL', 'Failed_RecipientReserved', 'Failed_RecipientNotIdentified', 'Succeeded', 'Failed_InvalidEmailFormat', 'Failed_Bounced', 'Failed_SupressedRecipient', 'Failed_FilteredSpam', 'Failed_Quarantined', 'Failed_InvalidSasUrl', 'Failed_PayloadTooLarge'])), _connector='OR'), name='notification_status_fits_channel'),
        ),
    ]
