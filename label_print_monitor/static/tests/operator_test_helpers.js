import { animationFrame } from "@odoo/hoot-dom";
import { getService, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { browser } from "@web/core/browser/browser";
import { session } from "@web/session";
import { WebClient } from "@web/webclient/webclient";

/** What the page of a printer says at which nothing prints, waits or is wrong. */
export const QUIET_PAGE = {
    rights: { act: true, print: true, print_again: true },
    printer: { id: 4, name: "Zebra 4", location: "", status: "online", status_label: "Online" },
    printing: false,
    waiting: [],
    waiting_count: 0,
    problems: [],
    more_failures: false,
    warnings: [],
    roll: false,
    last: false,
    cancel_reasons: [],
    copy_reasons: [],
};

/** This device stands at printer 4. */
export function choosePrinter() {
    browser.localStorage.setItem(`label_print_monitor.operator_printer.${session.db}`, "4");
}

export async function openPage() {
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "label_print_monitor.operator_page",
        target: "fullscreen",
    });
    await animationFrame();
}

/**
 * The page of a device that stands at printer 4.
 *
 * @param {(printerId: number) => Object} getPage what the server answers
 */
export async function mountOperatorPage(getPage) {
    choosePrinter();
    onRpc("printer.configuration", "get_operator_page", ({ args: [id] }) => getPage(id));
    await mountWithCleanup(WebClient);
    await openPage();
}
