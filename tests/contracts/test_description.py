"""The API description: complete, valid, and in the contract's names."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from script.launcher.system.running_system import RunningSystem
from script.launcher.system.simulators import Simulators
from tests.contracts.requests import NEXT_YEAR
from tests.contracts.service import Service

BASE = "/notifications/api/v1"
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}

MEDIA_TYPES = {"application/json", "application/vnd.dry-run+json"}


@pytest.fixture(scope="module")
def description(live_web: RunningSystem) -> Any:
    return live_web.call("GET", "/swagger/v1/swagger.json", headers={}).json


@pytest.fixture(scope="module")
def older(live_web: RunningSystem) -> Any:
    """For what reads no OpenAPI 3.1."""
    return live_web.call("GET", "/swagger/v1/swagger-3.0.json", headers={}).json


OF_BEARERS_ONLY = ("/future/enduser/log", "/future/orders/composed-email", "/events/")


def operations(description: Any) -> Iterator[tuple[str, str, Any]]:
    """Path below the base, method and operation, of all there are."""
    for path, item in description["paths"].items():
        for method in METHODS & set(item):
            yield path.removeprefix(BASE), method, item[method]


def needs_token(operation: Any) -> bool:
    """Whether a request without any token is refused."""
    return {} not in operation["security"]


def test_it_is_valid(description: Any, older: Any) -> None:
    validate(description)
    validate(older)
    assert (description["openapi"], older["openapi"]) == ("3.1.1", "3.0.3")


def parts(part: Any, at: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object in it, with its path; of examples nothing."""
    if isinstance(part, dict):
        yield at, part
        for name, inner in part.items():
            if name not in ("example", "examples"):
                yield from parts(inner, f"{at}/{name}")
    elif isinstance(part, list):
        for index, inner in enumerate(part):
            yield from parts(inner, f"{at}/{index}")


def test_generators_have_nothing_to_stumble_over(description: Any, older: Any) -> None:
    """openapi-generator writes an empty C# class for two texts of which one is meant; Java and
    Python get wrappers. What is optional is left out, so a reference need not allow null."""
    wrong = []
    for name, document in (("3.1", description), ("3.0", older)):
        for at, part in parts(document):
            if {"oneOf", "anyOf", "allOf", "not", "const", "prefixItems"} & set(part):
                wrong.append(f"{name} {at}: alternatives")
            if part.get("type") == "integer" and part.get("format") not in ("int32", "int64"):
                wrong.append(f"{name} {at}: how many bits?")
            if part.get("type") == "object" and not (
                part.get("properties") or part.get("additionalProperties")
            ):
                wrong.append(f"{name} {at}: an object of nothing")
            if "enum" in part and not re.match("/components/schemas/|.*/headers/", at):
                wrong.append(f"{name} {at}: an enumeration without a name")
    for at, part in parts(older):
        if isinstance(part.get("type"), list) or ("$ref" in part and len(part) > 1):
            wrong.append(f"3.0 {at}: not of that version")
    assert wrong == []


def test_a_recipient_is_described_as_the_original_takes_it(description: Any, older: Any) -> None:
    recipient = description["components"]["schemas"]["RecipientExt"]["properties"]
    for member, count in (("organizationNumber", 9), ("nationalIdentityNumber", 11)):
        shape = recipient[member]
        assert (shape["type"], shape["pattern"]) == (["string", "null"], f"^([0-9]{{{count}}})?$")
        accepts = OAS31Validator(shape).is_valid
        assert [accepts(value) for value in ("1" * count, "", None, "1" * (count - 1))] == [
            *(True, True, True, False)
        ]
        of_3_0 = older["components"]["schemas"]["RecipientExt"]["properties"][member]
        assert (of_3_0["type"], of_3_0["nullable"]) == ("string", True)


def test_clients_get_the_types_that_the_original_describes(description: Any) -> None:
    schemas = description["components"]["schemas"]
    order = schemas["NotificationOrderExt"]["properties"]
    assert {"type", "description"} == set(order["id"])
    assert schemas["NotificationOrderRequestResponseExt"]["properties"]["orderId"]["format"] == (
        "uuid"
    )
    assert schemas["StatusFeedExt"]["properties"]["sequenceNumber"]["format"] == "int64"
    assert schemas["NotificationOrderRequestExt"]["properties"]["emailTemplate"]["$ref"]


def test_no_docstring_of_a_view_is_public(description: Any) -> None:
    """What callers read is written for them."""
    internal = re.compile(r"\bGET\b|parked|subclass|the address is|this view|empty 403", re.I)
    for path, method, operation in operations(description):
        assert not internal.search(operation["description"]), (method, path)
        assert "\n" not in operation["description"], (method, path)


def test_it_leaves_nothing_to_guess(live_web: RunningSystem) -> None:
    live_web.command("spectacular", "--validate", "--fail-on-warn")


def test_it_lists_the_endpoints_and_no_others(description: Any) -> None:
    assert {(path, method) for path, method, _ in operations(description)} == {
        ("/orders", "get"),
        ("/orders", "post"),
        ("/orders/email", "post"),
        ("/orders/sms", "post"),
        ("/orders/{id}", "get"),
        ("/orders/{id}/status", "get"),
        ("/orders/{id}/progress", "get"),
        ("/orders/{id}/cancel", "put"),
        ("/orders/{id}/notifications/email", "get"),
        ("/orders/{id}/notifications/sms", "get"),
        ("/future/orders", "post"),
        ("/future/orders/composed-email", "post"),
        ("/future/orders/instant", "post"),
        ("/future/orders/instant/sms", "post"),
        ("/future/orders/instant/email", "post"),
        ("/future/shipment/{id}", "get"),
        ("/future/shipment/feed", "get"),
        ("/future/enduser/log", "get"),
        ("/future/log", "get"),
        ("/events/subscriptions", "get"),
        ("/events/subscriptions", "post"),
        ("/events/subscriptions/{subscription}", "get"),
        ("/events/subscriptions/{subscription}", "patch"),
        ("/events/subscriptions/{subscription}", "delete"),
        ("/events/subscriptions/{subscription}/secret", "post"),
        ("/events/subscriptions/{subscription}/test", "post"),
        ("/events/subscriptions/{subscription}/deliveries", "get"),
        ("/events/subscriptions/{subscription}/deliveries/{delivery}", "get"),
        ("/events/subscriptions/{subscription}/deliveries/{delivery}/redeliver", "post"),
        ("/tests/sendcondition", "get"),
    }


def test_it_says_what_it_describes_and_where_that_is(description: Any) -> None:
    assert description["openapi"].startswith("3.1")
    assert description["info"]["title"]
    assert description["info"]["description"]
    assert [server["url"] for server in description["servers"]][1:] == ["/"]
    assert description["servers"][0]["url"].startswith("http")
    assert description["info"]["contact"]["name"]
    assert description["info"]["license"] == {"name": "MIT License", "identifier": "MIT"}
    assert description["externalDocs"]["url"].startswith("https://")


def test_every_operation_has_a_name_of_its_own(description: Any) -> None:
    names = [operation["operationId"] for _, _, operation in operations(description)]
    assert sorted(set(names)) == sorted(names)
    assert [name for name in names if not re.fullmatch("[a-z]+([A-Z][a-z]+)*", name)] == []


def test_every_operation_is_explained(description: Any) -> None:
    for path, method, operation in operations(description):
        assert operation["summary"], (method, path)
        assert operation["description"], (method, path)
        assert not operation["summary"].endswith("."), (method, path)
        for part in (*operation.get("parameters", ()), *operation["responses"].values()):
            assert part["description"], (method, path, part)


def test_every_operation_is_in_one_group_and_every_group_is_explained(description: Any) -> None:
    explained = {tag["name"] for tag in description["tags"] if tag["description"]}
    used = [operation["tags"] for _, _, operation in operations(description)]
    assert {len(tags) for tags in used} == {1}
    assert {tag for tags in used for tag in tags} == explained
    # The original's, so that generated clients have their methods in the same classes.
    assert {"Order", "Instant Orders", "Status", "Deprecated"} <= explained
    of_path = {path: operation["tags"] for path, _, operation in operations(description)}
    assert of_path["/future/orders/instant/sms"] == ["Instant Orders"]


def test_every_operation_describes_its_refusals(description: Any) -> None:
    for path, method, operation in operations(description):
        described = set(operation["responses"])
        # There, what is no GUID is no address.
        expected = set() if path == "/future/shipment/{id}" else {"400"}
        if needs_token(operation):
            expected |= {"401", "403", "429", "503"}
        if "{" in path:
            expected |= {"404"}
        if "requestBody" in operation:
            expected |= {"413", "415", "409" if path.startswith("/orders") else "503"}
        assert expected <= described, (method, path)
        assert described & {"200", "201", "202", "204"}, (method, path)


def test_the_first_version_is_deprecated_and_nothing_else(description: Any) -> None:
    for path, method, operation in operations(description):
        is_old = path.startswith("/orders") or path == "/future/orders/instant"
        is_old = is_old and not path.endswith("/progress")
        assert operation.get("deprecated", False) is is_old, (method, path)
        assert ("Deprecated" in operation["tags"]) is is_old, (method, path)


def test_every_answer_with_content_is_json_of_a_named_shape(description: Any) -> None:
    for path, method, operation in operations(description):
        for status, response in operation["responses"].items():
            for media_type, content in response.get("content", {}).items():
                assert media_type in ("application/json", "application/vnd.dry-run+json"), (
                    method,
                    path,
                    status,
                )
                # A list is one of things of a named shape.
                shape = content["schema"].get("items", content["schema"])
                assert list(shape) == ["$ref"], (method, path, status)


def test_every_shape_and_every_property_is_explained(description: Any) -> None:
    schemas = description["components"]["schemas"]
    missing = []
    for name, schema in schemas.items():
        if not schema.get("description"):
            missing.append(name)
        for property_, shape in schema.get("properties", {}).items():
            if not (shape.get("description") or "$ref" in json.dumps(shape)):
                missing.append(f"{name}.{property_}")
    assert missing == []


def test_every_shape_is_used(description: Any) -> None:
    text = json.dumps(description)
    names = description["components"]["schemas"]
    assert [name for name in names if f'"#/components/schemas/{name}"' not in text] == []


def test_enumerations_have_members_in_pascal_case(description: Any) -> None:
    tried = 0
    for name, schema in description["components"]["schemas"].items():
        for shape in (schema, *schema.get("properties", {}).values()):
            for member in shape.get("enum", ()):
                assert re.fullmatch("([A-Z][A-Za-z]*)(_[A-Z][A-Za-z]*)*", member), (name, member)
                tried += 1
    assert tried


def test_all_its_examples_have_the_described_shapes(description: Any) -> None:
    tried = 0
    for _, _, operation in operations(description):
        for part in (operation.get("requestBody", {}), *operation["responses"].values()):
            for content in part.get("content", {}).values():
                shape = content["schema"] | {"components": description["components"]}
                validator = OAS31Validator(shape, format_checker=OAS31Validator.FORMAT_CHECKER)
                for example in content.get("examples", {}).values():
                    assert [str(error) for error in validator.iter_errors(example["value"])] == []
                    tried += 1
    assert tried > 10


@pytest.mark.parametrize(
    "name",
    [
        "NotificationOrderRequestExt",
        "EmailNotificationOrderRequestExt",
        "SmsNotificationOrderRequestExt",
        "RecipientExt",
        "EmailTemplateExt",
        "SmsTemplateExt",
        "NotificationChannelExt",
        "EmailContentTypeExt",
        "NotificationOrderRequestResponseExt",
        "NotificationOrderChainRequestExt",
        "NotificationOrderChainResponseExt",
        "NotificationReminderExt",
        "NotificationRecipientExt",
        "ComposedEmailRequestExt",
        "ComposedEmailSendingOptionsExt",
        "SasFileReferenceExt",
        "DialogportenIdentifiersExt",
        "SendingTimePolicyExt",
        "RecipientLookupResultExt",
        "RecipientLookupStatusExt",
        "SmsNotificationSummaryExt",
        "SmsNotificationWithResultExt",
        "StatusExt",
        "NotificationDeliveryManifestExt",
        "StatusFeedExt",
        "NotificationLogExt",
        "ProblemDetails",
        "ValidationProblemDetails",
        "AltinnProblemDetails",
    ],
)
def test_it_names_things_as_the_contract_does(description: Any, name: str) -> None:
    assert name in description["components"]["schemas"]


def test_it_has_no_names_of_its_own(description: Any) -> None:
    names = description["components"]["schemas"]
    assert [name for name in names if not name.endswith(("Ext", "ProblemDetails"))] == []


def test_enumerations_are_written_as_they_are_answered(description: Any) -> None:
    schemas = description["components"]["schemas"]
    channels = ["Email", "Sms", "EmailPreferred", "SmsPreferred", "EmailAndSms"]
    assert schemas["NotificationChannelExt"]["enum"] == channels
    assert schemas["EmailContentTypeExt"]["enum"] == ["Plain", "Html"]
    assert schemas["RecipientLookupStatusExt"]["enum"] == ["Success", "PartialSuccess", "Failed"]


def test_it_says_what_is_required(description: Any) -> None:
    schemas = description["components"]["schemas"]
    assert schemas["SmsNotificationOrderRequestExt"]["required"] == ["body", "recipients"]
    assert schemas["EmailTemplateExt"]["required"] == ["body", "subject"]
    assert schemas["NotificationOrderRequestExt"]["required"] == [
        "notificationChannel",
        "recipients",
    ]


def test_every_operation_takes_either_token_but_some(
    description: Any,
) -> None:
    bearer: dict[str, list[str]] = {"AltinnToken": []}
    either: list[dict[str, list[str]]] = [bearer, {"PlatformAccessToken": []}]
    open_to_anybody = []
    for path, _, operation in operations(description):
        if needs_token(operation):
            expected = [bearer] if path.startswith(OF_BEARERS_ONLY) else either
            assert operation["security"] == expected, path
        else:
            open_to_anybody.append(path)
    assert open_to_anybody == ["/tests/sendcondition"]
    assert set(description["components"]["securitySchemes"]) == {
        "AltinnToken",
        "PlatformAccessToken",
    }


def test_its_request_examples_are_good_requests(
    composer: Service, registers: Simulators, description: Any
) -> None:
    tried = 0
    for path, method, operation in operations(description):
        body = operation.get("requestBody", {}).get("content", {})
        for example in body.get("application/json", {}).get("examples", {}).values():
            tried += 1
            if path.startswith("/events/"):  # nor have these
                if method == "post":
                    assert composer.post(path, example["value"]).status == 201
                continue
            request = example["value"]
            if "idempotencyId" in request:
                request |= {"idempotencyId": f"example-{tried}"}
            if path.startswith("/future/orders/instant"):  # which have no time to be wrong about
                assert composer.post(path, request).status == 201
                continue
            request |= {"requestedSendTime": f"{NEXT_YEAR}-01-01"}
            errors = composer.errors(path, request)
            assert list(errors) == ["RequestedSendTime"]
    assert tried == 11
