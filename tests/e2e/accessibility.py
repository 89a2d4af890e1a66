"""Accessibility checks of a page: axe-core's rules, size of touch targets, overflow."""

from typing import Any

from playwright.sync_api import Page

from scripts.node_packages import node_modules

# The levels that laws and contracts require (WCAG 2.2 A and AA) and axe-core's best practices; axe sorts by impact.
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SERIOUS = ("serious", "critical")
TOUCH_TARGET = 44  # CSS pixels: WCAG 2.2, success criterion 2.5.5, and the platforms' own guidelines

# What Odoo 19's own components do, in every addon alike, and what an addon must not change for all others: the rule, the
# component by selector, and what it is. The addon's own violations are never listed here; they are fixed.
ODOOS_OWN = (
    ("*", ".o_main_navbar", "the web client's menus and the messages' and activities' icons"),
    ("*", ".o_searchview, .o_cp_searchview", "the search bar"),
    ("*", ".o_control_panel_navigation", "the pager, the switch of views and, on a phone, the way to the search bar"),
    ("button-name", ".o_back_button", "on a phone, the way back has no name"),
    ("*", ".o-mail-Form-chatter", "the chatter"),
    ("*", ".o_form_view:not(.o_label_print_view)", "a form of Odoo's own behind our dialog"),
    ("html-has-lang", "html", "the web client's page says no language"),
    ("aria-dialog-name", ".modal", "a dialog is not tied to its title"),
    ("aria-required-parent", ".o_notebook .nav-link", "a notebook's list of tabs has no role"),
    ("image-alt", ".o_field_many2one_avatar_user img, .o_m2o_avatar img", "an avatar beside its name has no alt"),
    ("label", ".o_list_record_selector input", "the check box of a row has no name"),
    ("label", ".o_data_cell input[type=checkbox]", "the check box of a column of yes and no has no name but the column's"),
    ("button-name", ".o_clipboard_button", "the button that copies a field's value has an icon alone"),
    ("button-name", ".o_optional_columns_dropdown button", "the menu of columns has no name"),
    ("button-name", ".o_button_more", "on a phone, the menu of further buttons has no name"),
    ("color-contrast", ".o_pivot td", "in the dark, a pivot's cells have the colour that the module of the palette gives"),
    ("*", ".o_datetime_picker", "the calendar and the clock of a field with a date and a time, which open with the field"),
    ("color-contrast", ".o_field_datetime .text-primary", "in the dark, the field whose calendar is open has the colour of the brand"),
    ("label-content-name-mismatch", ".o_list_record_open_form_view", "the way from an editable row to its form is named in English"),
    ("*", ".o_loading_indicator", "the word Loading, which fades out"),
    (
        "aria-allowed-attr",
        ".o_field_selection, .o_field_many2many_avatar_user, .o_field_many2many_tags",
        "the list of a selection, and tags with their input",
    ),
    ("color-contrast", ".o_stat_value, .o_form_button_create", "in the dark, some buttons have the colour of the brand"),
    ("autocomplete-valid", ".o_select_menu_input", "a selection says a value that browsers do not know"),
    ("scrollable-region-focusable", ".o_pivot", "a pivot that is wider than the phone"),
)
# The elements that the touch target rule applies to. A link within a sentence is exempt (2.5.5).
TOUCH_TARGETS = (
    ".o_content button, .o_content a.btn, .o_content [role=button], .modal-footer button, .o_pager button,"
    " .o_control_panel_main_buttons button, .o_notebook .nav-link, .o_radio_item label"
)
# What may be wider than its container, because it scrolls horizontally by design.
SCROLLS_HORIZONTALLY = ".o_kanban_grouped, .o_pivot, .o_calendar_renderer"


def wait_for_animations(page: Page) -> None:
    """Wait until no transition and no finite animation runs: an element that fades has colours that it does not keep."""
    page.evaluate(
        """async () => {
            const finite = () => document.getAnimations().filter(animation =>
                animation.playState === "running" && animation.effect?.getComputedTiming().endTime !== Infinity);
            const frame = () => new Promise(resolve => requestAnimationFrame(resolve));
            const end = performance.now() + 5000;
            await frame();  // a transition starts with the frame after its class was set
            do {
                await Promise.allSettled(finite().map(animation => animation.finished));
                await frame();
            } while (finite().length && performance.now() < end);
        }"""
    )


def serious_violations(page: Page) -> list[str]:
    """Serious and critical violations that axe-core finds, a line each: impact, rule, element, why.

    A toast can come while axe-core measures, and fades in then: what is found is measured once more, and counts only
    when it is still there.
    """
    page.add_script_tag(path=node_modules() / "axe-core" / "axe.min.js")
    wait_for_animations(page)
    found = violations(page)
    if found:
        wait_for_animations(page)
        found = violations(page)
    return found


def violations(page: Page) -> list[str]:
    """Serious and critical violations at this moment; axe-core is loaded in the page."""
    found: list[dict[str, Any]] = page.evaluate(
        """([levels, known]) => axe.run(document, {runOnly: levels, resultTypes: ["violations"], elementRef: true})
            .then(({violations}) => violations.flatMap(({id, impact, nodes}) => nodes
                .filter(({element}) => !known.some(([rule, selector]) =>
                    (rule === "*" || rule === id) && element.closest(selector)))
                .map(({html, failureSummary}) => ({impact, id, html, why: failureSummary}))))""",
        [LEVELS, [[rule, selector] for rule, selector, _what in ODOOS_OWN]],
    )
    return [
        f"{node['impact']} {node['id']}: {node['html'][:200]}: {node['why']}" for node in found if node["impact"] in SERIOUS
    ]


def small_touch_targets(page: Page) -> list[str]:
    """Visible buttons of the page's content that are less than 44 pixels wide or high."""
    return page.evaluate(
        """([selector, least]) => [...document.querySelectorAll(selector)]
            .map(element => [element, element.getBoundingClientRect()])
            .filter(([element]) => !element.closest(".o-mail-Form-chatter, .o_form_view:not(.o_label_print_view)"))
            .filter(([element, box]) => box.width && box.height && element.checkVisibility({visibilityProperty: true}))
            .filter(([element, box]) => box.width < least - 0.5 || box.height < least - 0.5)
            .map(([element, box]) =>
                `${element.getAttribute("name") || element.getAttribute("aria-label") || element.className}`
                + ` ${(element.innerText || "").slice(0, 20)} ${Math.round(box.width)}x${Math.round(box.height)}`)""",
        [TOUCH_TARGETS, TOUCH_TARGET],
    )


def overflow(page: Page) -> list[str]:
    """Elements that overflow horizontally, with the pixels: the page, and each part of it that should not scroll."""
    return page.evaluate(
        """scrolls => [document.scrollingElement, ...document.querySelectorAll(
                ".o_content, .o_list_renderer, .o_form_sheet, .o_kanban_record, .o_label_print_card, .modal-body")]
            .filter(element => element === document.scrollingElement || element.closest(".o_label_print_view"))
            .filter(element => !element.matches(".modal .o_form_sheet"))  // its margins reach into the dialog's
            .filter(element => !element.querySelector(scrolls) && !element.matches(scrolls))
            .filter(element => element.clientWidth && element.scrollWidth > element.clientWidth + 1)
            .map(element => `${element.className || element.tagName} is ${element.scrollWidth - element.clientWidth} px too wide`)""",
        SCROLLS_HORIZONTALLY,
    )


def cut_cells(page: Page, cells: str = "th[data-name], td[name]") -> list[str]:
    """Cells of a list whose words are cut, by column: what a narrow column hides, nobody reads."""
    return page.evaluate(
        """cells => [...document.querySelectorAll(`.o_list_table :is(${cells})`)]
            .filter(cell => !cell.matches(".o_label_print_attention_cell"))  // its name is for screen readers
            .filter(cell => [cell, ...cell.querySelectorAll("*")].some(element => element.clientWidth > 1
                && element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflowX !== "visible"))
            .map(cell => `${cell.dataset.name || cell.getAttribute("name")}: ${cell.innerText.trim()}`)""",
        cells,
    )
