"""Answers Prometheus: what this installation has to do, and what this process has counted."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from config.prometheus import process, state


@csrf_exempt
@require_safe
@never_cache
def metrics_page(request: HttpRequest) -> HttpResponse:
    if not process.may_read(request.META):
        return HttpResponse(status=403, content_type="text/plain")
    page = process.counted() + state.page.text()
    return HttpResponse(page, content_type=process.CONTENT_TYPE)
