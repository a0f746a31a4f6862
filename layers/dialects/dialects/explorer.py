"""The API explorer of a family: Swagger UI over its OpenAPI document. Everything that the page
needs is served by the desk, and nothing else may run in it.
"""

import json
from html import escape
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from dialects.endpoint import Request, Response, UnknownPath
from helpdesk.files import downloads

ASSETS = "flask_swagger_ui"
"""The package that contains Swagger UI; only the files named below are deployed."""

_STYLE, _SCRIPT = "swagger-ui.css", "swagger-ui-bundle.js"
_START, _DOCUMENT = "start.js", "openapi.json"

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src {sources}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

# An empty icon keeps browsers from requesting one.
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>API explorer</title>
<meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{here}/swagger-ui.css">
<div id="explorer" data-document="{here}/openapi.json"></div>
<script src="{here}/swagger-ui-bundle.js"></script>
<script src="{here}/start.js"></script>
</html>
"""

# Without validatorUrl the document's URL would be sent to a host of Swagger's. Whoever is signed in
# at the console of the same host (console/src/key.ts) needs no key here, for as long.
_START_SCRIPT = """const MINUTE = 60_000;

function keyOfTab() {
  try {
    const { key, since, seen } = JSON.parse(sessionStorage.getItem("console-key"));
    const now = Date.now();
    // The token of a person opens the admin API alone.
    const good = !key.startsWith("eyJ") || location.pathname.includes("/api/admin/");
    return good && now - seen < 30 * MINUTE && now - since < 720 * MINUTE ? key : null;
  } catch {
    return null;
  }
}

const explorer = document.getElementById("explorer");
const swagger = SwaggerUIBundle({
  domNode: explorer,
  url: explorer.dataset.document,
  validatorUrl: null,
  deepLinking: true,
  tryItOutEnabled: true,
  onComplete() {
    const key = keyOfTab();
    if (!key) return;
    const schemes = swagger.specSelectors.specJson().toJS().components.securitySchemes;
    for (const [name, { type, name: field }] of Object.entries(schemes)) {
      if (type !== "apiKey") continue;
      swagger.preauthorizeApiKey(name, field === "Authorization" ? `Token token=${key}` : key);
    }
  },
});
"""


def show(request: Request, folder: Path) -> Response:
    """The page, or one of its files by the path's `file`; the document lies in `folder`.

    Raises:
        UnknownPath: There is no such file.
    """
    prefix = urlsplit(request.base_url).path
    name = request.params.get("file")
    if name is None:
        here = escape(prefix + request.path.rstrip("/"))
        # A file too large for a response is served from the bucket, by a redirect (docs/aws.md
        # m20).
        sources = f"'self' {downloads.origin()}"
        return _answer(_PAGE.format(here=here), "text/html", "no-cache", sources)
    if name == _DOCUMENT:
        document = json.loads((folder / _DOCUMENT).read_text(encoding="utf-8"))
        document["servers"] = [{"url": prefix or "/"}]
        return _answer(json.dumps(document, ensure_ascii=False), "application/json", "no-cache")
    if name == _START:
        return _answer(_START_SCRIPT, "text/javascript", "no-cache")
    if name in {_STYLE, _SCRIPT}:
        kind = "text/css" if name == _STYLE else "text/javascript"
        return _answer((_assets() / name).read_text(encoding="utf-8"), kind, "max-age=86400")
    raise UnknownPath


def _assets() -> Path:
    # The package itself is not imported, since it imports a web framework.
    found = find_spec(ASSETS)
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError(ASSETS)
    return Path(found.submodule_search_locations[0]) / "dist"


def _answer(body: str, kind: str, cache: str, sources: str = "'self'") -> Response:
    headers = {
        "Cache-Control": cache,
        "Content-Security-Policy": _POLICY.format(sources=sources),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(200, body, f"{kind}; charset=UTF-8", headers)
