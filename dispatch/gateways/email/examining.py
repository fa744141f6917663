"""Asks a mail server whether it is there, and lets us in."""

import smtplib

from django.core.mail.backends.smtp import EmailBackend as SmtpBackend

from runtime.findings import Finding, failed, ok


def mail_server(name: str, backend: SmtpBackend, *, setting: str) -> Finding:
    """As far as the log-in, where there is one; no mail is begun. `setting` holds the address."""
    where = f"{backend.host}:{backend.port}"
    try:
        backend.open()
        if backend.connection is not None:
            backend.connection.ehlo_or_helo_if_needed()
    except smtplib.SMTPAuthenticationError as error:
        says = f"{where} refuses our log-in ({error.smtp_code})."
        return failed(name, says, f"See user and password in {setting}.")
    except smtplib.SMTPNotSupportedError:
        says = f"{where} offers no log-in or TLS as the settings want it."
        return failed(name, says, f"See {setting}: smtp://, smtp+tls:// or smtp+ssl://.")
    except OSError as error:  # SMTPException is one
        says = f"{where} cannot be reached ({type(error).__name__})."
        return failed(name, says, f"See whether it is up, and {setting}.")
    except Exception as error:  # smtplib raises what it cannot write, such as a password
        says = f"{where} cannot be opened with the settings as they are ({type(error).__name__})."
        return failed(name, says, f"See user, password and host in {setting}.")
    finally:
        backend.fail_silently = True
        backend.close()
    return ok(name, f"{where} answers{' and lets us in' * bool(backend.username)}.")
