curl --location 'https://platform.altinn.no/notifications/api/v1/orders' \
--header 'Content-Type: application/json' \
--header 'Authorization: Bearer [INSERT ALTINN TOKEN]' \
--header 'PlatformAccessToken: [INSERT PLATFORM ACCESS TOKEN]' \
--data-raw '{
    "sendersReference": "9A547448-FDF4-4E60-87AC-C2F652C8353C",
    "emailTemplate": {
        "subject": "A test email from Altinn Notifications",
        "body": "A message to be sent immediately from an org.",
        "content-type": "Plain"
    },
    "smsTemplate": {
        "body": "Demo SMS content"
    },
    "notificationChannel": "emailPreferred",
    "recipients": [
        {"organizationNumber": "311000179"},
        {"nationalIdentityNumber": "11876995923"}
    ],
    "resourceId": "app_ttd_apps-test"
}'
