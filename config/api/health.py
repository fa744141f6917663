"""Says whether this web process can answer; asks nothing of anybody else."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache


@never_cache
def health(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Healthy", content_type="text/plain")
