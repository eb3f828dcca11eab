"""The page without a browser: nothing from outside in its HTML, complete words, a strict policy, safe scripts."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import gradio as gr
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from config import Settings
from interaction.web.server import _mount_shell
from interaction.web.ui import (
    CONTENT_SECURITY_POLICY,
    LANGUAGES,
    PAGE,
    STYLES,
    OwnPage,
    build_ui,
    page_routes,
    shell,
    strip_outside,
    words,
)

SCRIPTS = sorted(PAGE.glob("*.js"))
OUTSIDE = re.compile(r"(?:https?:)?//(?!www\.w3\.org/)[\w.-]+\.\w+")


class Tags(HTMLParser):
    """All start tags of a document with their attributes, and how many are not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def client() -> TestClient:
    app = FastAPI()
    app.add_middleware(OwnPage, language="en")
    page_routes(app)
    settings = Settings(_env_file=None)
    return TestClient(gr.mount_gradio_app(app, build_ui(settings), path="/", show_api=False, ssr_mode=False))


def test_served_page_names_no_outside_host_and_has_no_inline_script(client: TestClient) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert int(page.headers["content-length"]) == len(page.content)
    tags = Tags(page.text).tags
    urls = [value for _, attrs in tags for name in ("src", "href", "content") if (value := attrs.get(name))]
    assert [url for url in urls if OUTSIDE.search(url)] == []
    scripts = [attrs.get("src") for tag, attrs in tags if tag == "script"]
    assert "/page/main.js" in scripts and None not in scripts
    assert any(str(src).startswith("./assets/") for src in scripts), "Gradio's own bundle is still there"


def test_gradio_finds_its_configuration_by_itself(client: TestClient) -> None:
    config = client.get("/config").json()
    assert [c["props"]["value"] for c in config["components"] if c["type"] == "html"] == [shell("en")]
    assert config["analytics_enabled"] is False
    assert config["dependencies"] == [], "no Gradio event: the page talks over its own WebSocket"


def test_theme_asks_for_no_font(client: TestClient) -> None:
    assert config_urls(client) == []
    style = client.get("/theme.css").text
    assert "@import" not in style
    assert not OUTSIDE.search(style)


def config_urls(client: TestClient) -> list[str]:
    return list(client.get("/config").json()["stylesheets"])


@pytest.mark.parametrize("name", [*STYLES, "icon.svg", "words/en.json", "words/zh.json", *(p.name for p in SCRIPTS)])
def test_page_files_are_served_fresh(client: TestClient, name: str) -> None:
    answer = client.get(f"/page/{name}")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-cache"
    if name.endswith(".js"):
        assert "javascript" in answer.headers["content-type"]


@pytest.mark.parametrize("path", ["/page/../ui.py", "/page/%2e%2e/ui.py", "/page/none.js"])
def test_page_routes_serve_nothing_else(client: TestClient, path: str) -> None:
    assert "build_ui" not in client.get(path).text


def test_other_html_passes_untouched() -> None:
    app = FastAPI()
    app.add_middleware(OwnPage)
    app.get("/other")(lambda: {"html": "<script>1</script>"})
    assert TestClient(app).get("/other").json() == {"html": "<script>1</script>"}


@pytest.mark.parametrize(
    "outside",
    [
        '<link rel="preconnect" href="https://fonts.example.com" />',
        '<link\n\trel="preconnect"\n\thref="https://fonts.example.com"\n\tcrossorigin="anonymous"\n/>',
        '<script src="https://cdn.example.com/a.js" async></script>',
        "<script\n\tsrc='//cdn.example.com/a.js'\n></script>",
        '<meta property="og:image" content="https://example.com/a.jpg" />',
        "<script>window.parent?.postMessage({}, '*')</script>",
        '<script type="text/javascript">1 < 2;</script >',
    ],
)
def test_strip_outside_takes_it_out(outside: str) -> None:
    kept = '<head><script type="module" src="./assets/a.js"></script>{}<meta charset="utf-8"></head>'
    assert strip_outside(kept.format(outside)) == kept.format("")


def test_policy_allows_this_origin_only() -> None:
    rules = dict(rule.strip().split(" ", 1) for rule in CONTENT_SECURITY_POLICY.split(";"))
    assert rules["default-src"] == rules["script-src"] == rules["connect-src"] == "'self'"
    assert rules["object-src"] == "'none'"
    assert not re.search(r"https?:|wss?:|\*|unsafe-eval", CONTENT_SECURITY_POLICY)
    assert [name for name, value in rules.items() if "unsafe-inline" in value] == ["style-src"]


def test_both_languages_have_the_same_words_with_the_same_blanks() -> None:
    en, zh = (words(language) for language in LANGUAGES)
    assert en.keys() == zh.keys()
    blanks = re.compile(r"\{\w+\}")
    assert [key for key in en if sorted(blanks.findall(en[key])) != sorted(blanks.findall(zh[key]))] == []
    assert [key for table in (en, zh) for key, text in table.items() if not text.strip()] == []
    same = {key for key in en if en[key] == zh[key]}
    assert same <= {"name", "settings.url_hint"}, "everything else is translated"


def used_keys(text: str) -> set[str]:
    return set(re.findall(r"\bt\(\s*\"([\w.]+)\"", text)) | set(re.findall(r"[?:]\s*\"(\w+\.\w+)\"", text))


def test_every_key_that_the_page_uses_is_there_and_none_is_idle() -> None:
    sources = {path.name: path.read_text(encoding="utf-8") for path in (*SCRIPTS, PAGE / "shell.html")}
    used = set().union(*(used_keys(text) for text in sources.values()))
    markup = sources["shell.html"]
    used |= set(re.findall(r"data-t(?:-label|-placeholder)?=\"([\w.]+)\"", markup))
    used |= set(re.findall(r"\{\{([\w.]+)\}\}", markup)) | {"opening", "no_script"}
    table = words("en")
    assert sorted(used - table.keys()) == []
    made = ("lamp.", "lane.", "strip.", "task.", "settings.", "trouble.", "loading.")  # t(`lamp.${state}`) and the like
    assert sorted(key for key in table.keys() - used if not key.startswith(made)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_shell_is_filled_and_labelled(language: str) -> None:
    page = shell(language)  # type: ignore[arg-type]
    assert "{{" not in page
    parsed = Tags(page)
    ids = [attrs["id"] for _, attrs in parsed.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    for tag, attrs in parsed.tags:
        assert not any(name.startswith("on") for name in attrs), f"inline handler in <{tag}>"
        for name in ("aria-controls", "aria-labelledby", "aria-describedby"):
            assert set(str(attrs.get(name, "")).split()) <= set(ids), f"{name} of <{tag}> leads nowhere"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_never_make_markup_from_text(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc", text)
    assert not OUTSIDE.search(re.sub(r"http://www\.w3\.org/\S+", "", text))
    assert len(text.splitlines()) <= 250


def test_every_import_of_the_scripts_is_there() -> None:
    wanted = {name for path in SCRIPTS for name in re.findall(r"from \"\./([\w.]+)\"", path.read_text("utf-8"))}
    assert sorted(name for name in wanted if not (PAGE / name).is_file()) == []
    assert {path.name for path in SCRIPTS} - wanted == {"main.js"}


def test_mounting_the_shell_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(_env_file=None)
    _mount_shell(FastAPI(), build_ui(settings), settings)
    assert capsys.readouterr().out == ""
