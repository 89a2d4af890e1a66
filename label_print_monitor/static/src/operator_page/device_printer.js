import { browser } from "@web/core/browser/browser";
import { session } from "@web/session";

/** Of one database: a tablet may serve more than one Odoo. */
const getKey = () => `label_print_monitor.operator_printer.${session.db}`;

/** @returns {number | false} the printer at which this device stands */
export function readDevicePrinter() {
    try {
        return Number(browser.localStorage.getItem(getKey())) || false;
    } catch {
        return false; // forbidden: it is asked for each time
    }
}

/** @param {number} printerId */
export function keepDevicePrinter(printerId) {
    try {
        browser.localStorage.setItem(getKey(), String(printerId));
    } catch {
        // Forbidden or full: the page works all the same, and asks next time.
    }
}
