"""Runs are taken off the broker at once: a broker that has gone is not told about them."""

from kombu import Queue

from config.celery import app


def test_a_run_whose_connection_was_lost_meanwhile_is_acknowledged_without_it() -> None:
    with app.connection_for_read() as connection:
        channel = connection.default_channel
        queue = Queue("a-queue-of-this-test", exclusive=True, channel=channel)
        queue.declare()
        connection.Producer(channel).publish("run", routing_key=queue.name)
        message = queue.get(no_ack=False)
        assert message is not None
    message.ack()
    assert message.acknowledged
