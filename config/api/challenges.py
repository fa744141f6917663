"""What WWW-Authenticate tells a caller who is refused: the answers' bodies are empty.

https://www.rfc-editor.org/rfc/rfc6750#section-3
"""

from orders.creators import Caller

REALM = "notifications"
_NOT_DESCRIBED = str.maketrans({'"': "'", "\\": "/"})


def scope_of(view: object) -> str:
    """The scope without which the view lets nobody in; "" if it asks for none."""
    permissions = getattr(view, "permission_classes", ())
    return next((one.scope for one in permissions if hasattr(one, "scope")), "")


def token_wanted(*, scope: str) -> str:
    """To who shows no token: there is no error yet."""
    return _challenge(scope=scope)


def invalid_token(reason: str) -> str:
    return _challenge(error="invalid_token", error_description=reason)


def not_allowed(caller: object, view: object, *, reason: str) -> str:
    """To who is known, and may not. The scope is told to who lacks it."""
    scope = scope_of(view)
    if scope and not (isinstance(caller, Caller) and scope in caller.scopes):
        reason = f"It takes a bearer token with the scope {scope}."
    else:
        scope = ""
    return _challenge(error="insufficient_scope", error_description=reason, scope=scope)


def _challenge(**parameters: str) -> str:
    """Parameters without a value are left out."""
    written = "".join(
        f', {name}="{value.translate(_NOT_DESCRIBED)}"'
        for name, value in parameters.items()
        if value
    )
    return f'Bearer realm="{REALM}"{written}'
