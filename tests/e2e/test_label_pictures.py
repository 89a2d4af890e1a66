"""Pictures of labels, drawn by the real renderer in a real browser: in a job, a dialog, a specimen and as evidence.

Also without the renderer's file, with a damaged one, and in a browser without WebAssembly.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect

from scripts import label_renderer
from scripts.product import Product, running_product
from tests.e2e.accessibility import overflow, serious_violations, small_touch_targets
from tests.e2e.remote import Remote, until
from tests.e2e.screen_data import add_language, add_palette
from tests.e2e.supervisor import TIMEOUT, Supervisor
from tests.e2e.window import DESKTOP, JOB_FORM, JOBS, PHONE

pytestmark = pytest.mark.browser

# 4 x 3 inches at 300 dpi, as the printers of the product have it.
LABEL = (
    "^XA^CI28^PW1200^LL900^FO60,60^A0N,90,90^FDTomato Soup 1 l^FS^FO60,180^A0N,60,60^FDLot {lot}^FS"
    "^FO60,280^BY4^BCN,220,Y,N,N^FD{lot}^FS^FO900,280^BQN,2,8^FDQA,{lot}^FS^FO60,700^A0N,60,60^FDBox {box}^FS^XZ"
)
UNSIZED = "^XA^FO60,60^A0N,90,90^FD{lot}^FS^XZ"
NO_ZPL = "no ZPL at all"
TOO_MUCH = "^XA^FO50,50^BQN,2,5^FDQA," + "X" * 4000 + "^FS^XZ"  # a QR code holds fewer characters
LONG = "^XA^FO50,50^A0N,40,40^FB1100,60^FD" + "Every word counts. " * 210 + "^FS^XZ"
DIALOG = ".o_label_print_picture_dialog"
PICTURE = f"{DIALOG} img.o_label_print_picture"
PROBLEM = f"{DIALOG} .o_label_print_picture_problem"
APPROXIMATION = "Approximation: the printer may draw it differently."
SCREENS = {"desktop": {"device": DESKTOP}, "dark": {"device": DESKTOP, "dark": True}, "phone": {"device": PHONE}}
RENDERER_URL = "**/static/lib/zpl-renderer-js/**"


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    label_renderer.bring()
    with running_product(labels_per_second=25, rtl_styles=True, odometer=False) as running:
        add_palette(running)
        supervisor = Remote(running)
        people = [supervisor.uid, Remote(running, "operator").uid]
        Remote(running, "admin").call("res.users", "write", people, {"odoobot_state": "disabled"})
        until(lambda: supervisor.call("printer.configuration", "search_count", []) == 3, "the printers do not appear")
        yield running


@pytest.fixture(scope="module")
def job(product: Product) -> int:
    """A job whose last two labels are not on paper. Its fourth holds what is no ZPL, as old versions let it in."""
    product.printer("Zebra-QC").paper_out(after=6)
    texts = [LABEL, LABEL, UNSIZED, UNSIZED, TOO_MUCH, LONG, LABEL, LABEL]
    made = print_job(product, texts, "Zebra-QC")
    Remote(product).wait(made, "failed")
    product.database.execute(
        "UPDATE label_print_job SET labels_data = jsonb_set(labels_data, '{3,zpl_code}', to_jsonb(%s::text)) WHERE id = %s",
        NO_ZPL,
        made,
    )
    return made


def print_job(product: Product, texts: list[str], printer_name: str) -> int:
    supervisor = Remote(product)
    (printer,) = supervisor.call("printer.configuration", "search", [("cups_name", "=", printer_name)])
    labels = [
        {"zpl_code": text.format(lot="SOUP-2026-007", box=box), "box_number": box, "lot_number": "SOUP-2026-007"}
        for box, text in enumerate(texts, start=1)
    ]
    values = {"printer_id": printer, "quantity": len(labels), "labels_data": labels}
    return supervisor.call("label.print.job", "create", values)


def open_picture(window: Supervisor, job: int, label: int) -> Page:
    """From a square of the job's grid to its picture, as a person does it."""
    window.open(JOBS, JOB_FORM, job)
    window.close_toasts()
    window.page.locator(f".o_label_print_square[data-index='{label}']").click()
    window.page.locator(".o_label_print_story_picture").click()
    window.page.wait_for_selector(DIALOG)
    return window.page


def dark_share(image: Locator) -> float:
    """How much of a picture is dark, from 0 to 1: 0 is a blank label."""
    expect(image).to_be_visible(timeout=TIMEOUT)
    return image.evaluate(
        """image => {
            const canvas = document.createElement("canvas");
            [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
            const context = canvas.getContext("2d");
            context.drawImage(image, 0, 0);
            const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
            return data.filter((value, place) => place % 4 === 0 && value < 128).length / (data.length / 4);
        }"""
    )


def natural_size(image: Locator) -> list[int]:
    return image.evaluate("image => [image.naturalWidth, image.naturalHeight]")


def wrong(window: Supervisor) -> list[str]:
    """What is wrong with the page as it is."""
    page = window.page
    page.wait_for_timeout(500)
    found = serious_violations(page) + overflow(page) + [f"console: {error}" for error in window.errors]
    if page.evaluate("matchMedia('(pointer: coarse)').matches"):
        found += [f"touch target too small: {button}" for button in small_touch_targets(page)]
    return found


@pytest.mark.parametrize("screen", SCREENS)
def test_a_label_of_a_job(chromium: Browser, product: Product, job: int, screen: str):
    window = Supervisor(chromium, product, **SCREENS[screen])
    loaded = []
    window.page.on("request", lambda request: loaded.append(request.url) if "zpl-renderer-js" in request.url else None)
    window.open(JOBS, JOB_FORM, job)
    assert loaded == []  # nothing is fetched before somebody looks
    page = open_picture(window, job, 1)
    assert 0.02 < dark_share(page.locator(PICTURE)) < 0.5
    assert natural_size(page.locator(PICTURE)) == [1200, 900]
    expect(page.locator(DIALOG)).to_contain_text(APPROXIMATION)
    expect(page.locator(DIALOG)).to_contain_text("100 × 75 mm")
    alt = page.locator(PICTURE).get_attribute("alt")
    assert "Box 1 · Lot SOUP-2026-007" in alt
    assert "Tomato Soup 1 l" in alt
    assert wrong(window) == []
    assert len(loaded) == 1
    page.keyboard.press("Escape")
    expect(page.locator(DIALOG)).to_have_count(0)
    assert page.evaluate("document.activeElement.dataset.index") == "1"
    window.close()


def test_from_label_to_label_by_keyboard(chromium: Browser, product: Product, job: int):
    window = Supervisor(chromium, product)
    page = open_picture(window, job, 2)
    next_label = page.locator(".o_label_print_picture_step[data-by='1']")
    expect(page.locator(PICTURE)).to_be_visible(timeout=TIMEOUT)
    next_label.focus()
    page.keyboard.press("Enter")
    expect(page.locator(DIALOG)).to_contain_text("Label 3: 3 of 8")
    expect(page.locator(DIALOG)).to_contain_text("The ZPL does not say how large the label is")
    assert dark_share(page.locator(PICTURE)) > 0.02
    width, height = natural_size(page.locator(PICTURE))
    assert width < 1000 and height < 300  # it ends behind the words
    page.keyboard.press("Enter")
    expect(page.locator(PROBLEM)).to_contain_text("its ZPL draws nothing here", timeout=TIMEOUT)
    page.keyboard.press("Enter")
    expect(page.locator(PROBLEM)).to_contain_text("data too big", timeout=TIMEOUT)
    expect(page.locator(PROBLEM)).to_contain_text("Copy its ZPL")
    page.keyboard.press("Enter")  # after two failures the renderer draws again
    assert dark_share(page.locator(PICTURE)) > 0.02
    for _ in range(4):
        page.keyboard.press("Enter")
    expect(page.locator(DIALOG)).to_contain_text("Label 8: 8 of 8")
    expect(next_label).to_have_attribute("aria-disabled", "true")
    expect(next_label).to_be_focused()
    assert [error for error in window.errors if "Failed to load" not in error] == []
    window.close()


def test_from_right_to_left(chromium: Browser, product: Product, job: int):
    add_language(product, "ar_001", "operator")
    window = Supervisor(chromium, product, "operator", device=PHONE)
    page = open_picture(window, job, 1)
    assert dark_share(page.locator(PICTURE)) > 0.02
    back, forth = (page.locator(f".o_label_print_picture_step[data-by='{by}']").bounding_box()["x"] for by in (-1, 1))
    assert back > forth
    assert wrong(window) == []
    window.close()


def test_the_labels_that_a_dialog_asks_about(chromium: Browser, product: Product, job: int):
    window = Supervisor(chromium, product, device=PHONE)
    window.open(JOBS, JOB_FORM, job)
    window.close_toasts()
    window.press("action_retry_choose")
    window.page.locator("button.o_label_print_pictures").click()
    assert dark_share(window.page.locator(PICTURE)) > 0.02
    expect(window.page.locator(DIALOG)).to_contain_text("Label 7: 1 of 2")
    assert wrong(window) == []
    window.page.locator(f"{DIALOG} .modal-footer .btn-primary").click()
    expect(window.page.locator(DIALOG)).to_have_count(0)
    expect(window.page.locator("button.o_label_print_pictures")).to_be_focused()
    window.close()


def open_evidence(window: Supervisor, job: int) -> FrameLocator:
    """The evidence page of a job, in the frame in which Odoo shows reports."""
    (report,) = window.product.database.execute(
        "SELECT res_id FROM ir_model_data WHERE module = 'label_print_monitor' AND name = 'action_report_evidence_job'"
    )[0]
    window.open(JOBS, JOB_FORM, job)
    window.page.evaluate(
        """([report, job]) => odoo.__WOWL_DEBUG__.root.actionService.doAction(
            report, {additionalContext: {active_id: job, active_ids: [job], active_model: "label.print.job"}})""",
        [report, job],
    )
    frame = window.page.frame_locator(".o_action iframe")
    expect(frame.locator("h2")).to_contain_text("Label Evidence", timeout=TIMEOUT)
    return frame


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_on_the_evidence_page(chromium: Browser, product: Product, job: int, device: dict):
    window = Supervisor(chromium, product, device=device)
    frame = open_evidence(window, job)
    buttons = frame.locator(".o_label_print_evidence_picture")
    expect(buttons).to_have_count(8)
    buttons.first.focus()
    window.page.keyboard.press("Enter")
    assert 0.02 < dark_share(frame.locator("img.o_label_print_evidence_image")) < 0.5
    expect(frame.locator("body")).to_contain_text(APPROXIMATION)
    expect(buttons.first).to_have_attribute("aria-expanded", "true")
    buttons.nth(3).click()
    expect(frame.locator("[role=alert]")).to_contain_text("its ZPL draws nothing here", timeout=TIMEOUT)
    window.page.keyboard.press("Enter")
    buttons.first.click()
    expect(frame.locator("img.o_label_print_evidence_image")).to_have_count(0)
    assert window.errors == []
    window.close()


def test_a_specimen_in_place_of_a_label_whose_zpl_is_gone(chromium: Browser, product: Product):
    reduced = print_job(product, [LABEL, LABEL], "Zebra-Line-1")
    Remote(product).wait(reduced, "completed")
    product.database.execute(
        "UPDATE label_print_job SET labels_data = (SELECT jsonb_agg(label - 'zpl_code') FROM"
        " jsonb_array_elements(labels_data) label), zpl_removed_date = now() WHERE id = %s",
        reduced,
    )
    window = Supervisor(chromium, product)
    page = open_picture(window, reduced, 2)
    assert dark_share(page.locator(PICTURE)) > 0.02
    expect(page.locator(DIALOG)).to_contain_text("What is drawn is the specimen of its template and product")
    specimens = Remote(product).call("label.print.specimen", "search", [], limit=1)
    window.open("label_print_monitor.action_label_print_specimen", ".o_form_sheet", specimens[0])
    page.locator("button.o_label_print_pictures").click()
    assert dark_share(page.locator(PICTURE)) > 0.02
    window.close()


def truncate(route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.body()[: 4 * 1024 * 1024])


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda route: route.fulfill(status=404, body=""), "The label renderer is not installed"),
        (truncate, "The label renderer is damaged"),
        (lambda route: route.abort(), "The label renderer could not be fetched"),
    ],
    ids=["missing", "broken", "unreachable"],
)
def test_without_the_renderers_file(chromium: Browser, product: Product, job: int, answer, words: str):
    window = Supervisor(chromium, product)
    window.page.route(RENDERER_URL, answer)
    page = open_picture(window, job, 1)
    expect(page.locator(PROBLEM)).to_contain_text(words, timeout=TIMEOUT)
    # A toast about the job that was printed for this may be there.
    expect(page.locator(".o_error_dialog, .o_notification:has(.bg-danger)")).to_have_count(0)
    assert serious_violations(page) == []
    window.page.unroute(RENDERER_URL)
    page.locator(f"{PROBLEM} button").click()  # once the file is there, nothing has to be loaded again
    assert dark_share(page.locator(PICTURE)) > 0.02
    window.page.route(RENDERER_URL, answer)
    frame = open_evidence(window, job)
    frame.locator(".o_label_print_evidence_picture").first.click()
    expect(frame.locator("[role=alert]")).to_contain_text(words, timeout=TIMEOUT)
    window.close()


def test_in_a_browser_without_webassembly(chromium: Browser, product: Product, job: int):
    window = Supervisor(chromium, product)
    window.page.add_init_script("delete window.WebAssembly")
    page = open_picture(window, job, 1)
    expect(page.locator(PROBLEM)).to_contain_text("This browser does not run WebAssembly", timeout=TIMEOUT)
    expect(page.locator(".o_error_dialog")).to_have_count(0)
    window.close()
