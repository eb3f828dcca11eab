"""Zones and masks drawn on the page: by mouse, by touch, by keyboard; what is masked is hatched over the camera."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import CHROMIUM, PHONE, WIDE, findings, until
from tests.browser.page_preview import Preview
from tests.browser.test_page import allowing, house, playwright, said, start, visit  # noqa: F401  fixtures

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (Debian: chromium)"),
]
CHINESE = re.compile(r"[\u4e00-\u9fff]")
MASK = [[0.1, 0.2], [0.5, 0.2], [0.5, 0.7]]


def editor(page: Page) -> None:
    page.click("#open-settings")
    page.click("#source-list button >> nth=0")
    expect(page.locator("#areas")).to_be_visible()
    expect(page.locator(".drawing img")).to_be_visible()


def click_at(page: Page, x: float, y: float) -> None:
    box = page.locator(".drawing").bounding_box()
    assert box
    page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])


def test_a_zone_is_drawn_by_mouse_named_and_saved(house: Preview, visit: Callable[..., Page]) -> None:  # noqa: F811
    house.reset()
    page = start(visit(), house)
    editor(page)
    page.get_by_role("button", name="New zone").click()
    for x, y in ((0.2, 0.3), (0.6, 0.3), (0.6, 0.8), (0.2, 0.3)):  # the last one on the first: closed
        click_at(page, x, y)
    expect(page.locator(".corner")).to_have_count(3)
    expect(page.get_by_role("textbox", name="Name of the zone")).to_be_focused()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#areas .refusal")).to_have_text("Give each zone a name of its own.")
    page.get_by_role("textbox", name="Name of the zone").fill("door")
    box = page.locator(".corner >> nth=2").bounding_box()
    assert box
    page.mouse.move(box["x"] + 11, box["y"] + 11)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] - 40, steps=4)
    page.mouse.up()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#areas")).to_be_hidden()
    (sent,) = said(house, type="areas")
    assert (sent["lane"], sent["masks"], sent["zones"][0]["name"]) == ("camera", [], "door")
    (a, b, c) = sent["zones"][0]["points"]
    assert a == pytest.approx([0.2, 0.3], abs=0.01) and b == pytest.approx([0.6, 0.3], abs=0.01)
    assert c[0] > 0.65 and c[1] < 0.75


def test_a_mask_is_drawn_by_keyboard_alone_and_hatched_on_the_stage(house: Preview, visit: Callable[..., Page]) -> None:  # noqa: F811
    house.reset()
    page = start(visit(), house)
    expect(page.locator(".hatching")).to_be_hidden()
    editor(page)
    page.get_by_role("button", name="New mask").focus()
    page.keyboard.press("Enter")
    for _ in range(3):
        page.get_by_role("button", name="Add corner").focus()
        page.keyboard.press("Enter")
    handle = page.locator(".corner >> nth=2")
    expect(handle).to_be_focused()
    for key in ("Shift+ArrowRight", "ArrowDown", "ArrowDown", "ArrowLeft"):
        page.keyboard.press(key)
    expect(handle).to_have_attribute("aria-label", "Corner 3 of Mask 1: 69 % from the left, 67 % from the top")
    page.keyboard.press("Enter")
    expect(page.locator("#areas [role=status]")).to_have_text("Mask 1 is closed.")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.locator("#areas")).to_be_hidden()
    (sent,) = said(house, type="areas")
    assert sent["masks"] == [[[0.35, 0.35], [0.65, 0.35], [0.69, 0.67]]] and sent["zones"] == []
    page.keyboard.press("Escape")
    expect(page.locator(".hatching")).to_be_visible()
    expect(page.locator(".hatching polygon")).to_have_count(1)


def test_what_is_drawn_is_there_again_and_can_be_taken_away(house: Preview, visit: Callable[..., Page]) -> None:  # noqa: F811
    zone = {"name": "sofa", "points": MASK}
    house.reset(areas={"camera": {"zones": [zone], "masks": [MASK]}})
    page = start(visit(), house)
    expect(page.locator(".hatching")).to_be_visible()
    box, stage = page.locator(".hatching polygon").bounding_box(), page.locator("#camera").bounding_box()
    assert box and stage
    assert box["x"] > stage["x"] and box["x"] + box["width"] < stage["x"] + 0.6 * stage["width"]
    editor(page)
    expect(page.get_by_role("textbox", name="Name of the zone")).to_have_value("sofa")
    page.get_by_role("button", name="Delete Mask 1").click()
    page.locator(".corner >> nth=0").focus()
    page.keyboard.press("Delete")  # of three corners none can be missed
    expect(page.locator(".corner")).to_have_count(3)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#areas")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator(".hatching")).to_be_hidden()
    assert said(house, type="areas")[-1]["masks"] == []


def test_what_the_house_refuses_is_said_where_it_was_drawn(house: Preview, visit: Callable[..., Page]) -> None:  # noqa: F811
    house.reset(areas={"camera": {"zones": [{"name": "nowhere", "points": MASK}], "masks": []}})
    page = start(visit(), house)
    editor(page)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#areas .refusal")).to_have_text("A watch waits there. Cancel it first.")
    expect(page.locator(".corner")).to_have_count(3)


def test_a_source_whose_masks_are_unknown_says_so(house: Preview, visit: Callable[..., Page]) -> None:  # noqa: F811
    house.reset(areas={"camera": None})
    page = start(visit(), house)
    editor(page)
    expect(page.locator("#areas")).to_contain_text("could not be read")
    page.get_by_role("button", name="Save").click()
    until(lambda: said(house, type="areas", zones=[], masks=[]), page)


def test_the_picture_itself_begins_a_zone_and_one_key_does_not_lose_it(
    house: Preview,  # noqa: F811
    visit: Callable[..., Page],  # noqa: F811
) -> None:
    house.reset()
    page = start(visit(), house)
    page.get_by_role("button", name="Zones and masks of Camera").click()
    expect(page.locator(".drawing img")).to_be_visible()
    for x, y in ((0.2, 0.3), (0.6, 0.3), (0.6, 0.8)):
        click_at(page, x, y)
    expect(page.locator(".corner")).to_have_count(3)
    page.keyboard.press("Escape")
    expect(page.locator("#areas .refusal")).to_contain_text("not saved yet")
    page.keyboard.press("Escape")
    expect(page.locator("#areas")).to_be_hidden()
    assert said(house, type="areas") == []


def test_what_somebody_else_masks_meanwhile_is_not_undone(house: Preview, visit: Callable[..., Page]) -> None:  # noqa: F811
    zone, other = {"name": "sofa", "points": MASK}, [[0.6, 0.6], [0.9, 0.6], [0.9, 0.9]]
    house.reset(areas={"camera": {"zones": [zone], "masks": []}})
    page = start(visit(), house)
    editor(page)
    house.tell("areas_changed", lane="elsewhere", zones=[], masks=[other], hides_more=True)
    house.tell("areas_changed", lane="camera", zones=[zone], masks=[other], hides_more=True)
    expect(page.locator("#areas .refusal")).to_contain_text("Somebody else has drawn here")
    page.get_by_role("textbox", name="Name of the zone").fill("couch")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#areas")).to_be_hidden()
    (sent,) = said(house, type="areas")
    assert (sent["masks"], [zone["name"] for zone in sent["zones"]]) == ([other], ["couch"])


@pytest.mark.parametrize("look", [{"viewport": WIDE}, {"viewport": PHONE, "has_touch": True}])
def test_the_editor_fits_and_axe_finds_nothing_serious(
    house: Preview,  # noqa: F811
    visit: Callable[..., Page],  # noqa: F811
    look: dict[str, Any],
) -> None:
    house.reset(areas={"camera": {"zones": [{"name": "sofa", "points": MASK}], "masks": [MASK]}})
    page = start(visit(**look), house)
    editor(page)
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    wide = page.locator("#areas").evaluate("e => [e.scrollWidth, e.clientWidth]")
    assert wide[0] <= wide[1]
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.click("[data-language=zh]")
    editor(page)
    text = page.locator("#areas").inner_text()
    assert CHINESE.search(text) and not re.search(r"areas\.\w", text) and "Zone" not in text
