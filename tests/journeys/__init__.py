"""What users do, from the request to the message as it was received.

The calls of clients in production, and the test that each is held by. Paths are below `tests`.

| Client | Does | Held by |
|---|---|---|
| Correspondence | orders for a person: numbers for names, explicit nulls, seven digits | journeys/test_chains.py::TestCorrespondence::test_orders_and_reads_to_the_end |
| | the same again | contracts/test_chain.py::TestARepeat::test_is_answered_with_the_first_answer_and_no_location |
| | for a person whom nobody can reach: 422 | journeys/test_chains.py::TestCorrespondence::test_is_told_quietly_whom_nobody_can_reach |
| | for somebody with another log-in | journeys/test_chains.py::TestCorrespondence::test_reaches_somebody_with_another_log_in |
| | with conditions of their own for main order and reminder | journeys/test_chains.py::test_each_shipment_goes_by_its_own_condition |
| | polls shipments until they end | journeys/test_shipments.py::test_a_sender_polls_each_shipment_of_a_chain_to_its_end |
| | reads recipients, whose statuses are the ones it knows | notifications/reading/test_lifecycle.py::test_every_status_of_a_notification_has_its_word |
| | sends an e-mail with an attachment | journeys/test_clients.py::test_correspondence_sends_an_email_with_an_attachment |
| | cancels and reads its older orders by their links | journeys/test_clients.py::test_correspondence_follows_the_links_of_its_older_orders |
| Altinn apps | order an e-mail or an SMS, and cancel it, with a platform token alone | journeys/test_clients.py::test_an_altinn_app_orders_and_cancels_with_its_own_token_alone |
| | order a chain with a long condition, in local time; 0 for `Anytime` | journeys/test_chains.py::TestAnAltinnApp::test_orders_as_its_owner_and_has_its_condition_asked_as_written |
| | reminders without a time: 400 | journeys/test_chains.py::TestAnAltinnApp::test_is_told_that_a_reminder_needs_a_time |
| | look for `reminders` at the top of the answer, where there are none | contracts/test_chain.py::test_a_chain_is_answered_with_the_ids_of_all_its_shipments |
| | answer that nothing is to be sent | journeys/test_shipments.py::test_each_order_of_a_chain_has_a_condition_of_its_own |
| | do not answer: asked once more, then it is sent | notifications/conditions/test_check.py::test_in_doubt_the_endpoint_is_asked_again_after_a_minute_and_then_the_order_goes_on |
| Arbeidsflate | reads the log of a dialog, its types and bare statuses; with a content type on a GET | journeys/test_shipments.py::test_an_end_user_reads_what_was_sent_about_a_dialog |
| | the same for another user's dialog: 403, and nothing told | notifications/api/future/test_log.py::test_nor_to_another_user |
| The support dashboard | looks up a person, in a period as .NET writes it, and reads both summaries | journeys/test_clients.py::test_the_support_dashboard_finds_what_was_sent_to_somebody |
| Altinn Studio's Designer | tells its own staff: names for enumerations, no time, no reference | journeys/test_clients.py::test_the_designer_tells_its_own_staff |
| Whoever sends passwords | gives up waiting, and asks again | journeys/test_clients.py::test_who_gives_up_waiting_for_a_password_asks_again_and_one_is_sent |
| | sends to the number of an older guide: 400 | journeys/test_clients.py::test_the_number_in_an_older_guide_is_nobodys |
| Whoever follows the feed | from its tail on, nothing skipped and nothing twice | journeys/test_shipments.py::test_a_sender_follows_the_feed_from_its_tail |
| | asks for pages of 0 or 501 | notifications/api/future/test_feed.py::test_a_size_out_of_range_is_brought_into_it |
| Readers of the guides | send both tokens and a content type, and cancel by GET: 405 | journeys/test_clients.py::test_reading_as_the_guides_do_with_both_tokens_and_a_content_type |
| | paste the five pages | journeys/test_documented_examples.py::test_an_sms_reaches_a_number_and_an_organisation_but_not_a_reserved_person |
| Senders abroad | write to a country that forbids names | dispatch/gateways/link_mobility/test_transport.py::test_abroad_a_number_stands_in_for_a_name |
| Senders by day | have an e-mail wait for the send window | dispatch/sending/test_claims.py::test_an_email_may_wait_for_the_day_as_well |
| | and expire as late as that allows | notifications/expansion/test_rendering.py::test_an_email_leaves_when_its_own_policy_lets_it |
"""  # noqa: E501
