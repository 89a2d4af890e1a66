import { _t } from "@web/core/l10n/translation";

/**
 * How a label's state looks: a sign and a colour (label_squares.scss) that say the same, so that neither is needed
 * alone. The signs of printed labels show where the evidence comes from: the print server's count, the printer's
 * memory, the printer's own counter, somebody's eyes. Weakest first.
 */
const ICONS = {
    waiting: "fa-clock-o",
    sent: "fa-paper-plane",
    uncertain: "fa-question",
    taken_back: "fa-undo",
    failed: "fa-times",
    reported: "fa-server",
    spooled: "fa-print",
    confirmed: "fa-check",
    checked: "fa-eye",
    void: "fa-trash",
};

export const STATES = Object.keys(ICONS);

/**
 * @param {string} state
 * @returns {{ icon: string, name: string }} `name` is the end of its CSS class
 */
export function getLabelLook(state) {
    return Object.hasOwn(ICONS, state)
        ? { icon: ICONS[state], name: state }
        : { icon: "fa-circle-o", name: "unknown" };
}

/**
 * @param {Object | false} value of the Json field
 * @param {string} state
 * @returns {string} in the reader's language
 */
export function getStateLabel(value, state) {
    return (value && value.states?.[state]) || state;
}

/**
 * Keep text that may run from right to left from reordering what stands around it.
 *
 * @param {string} text
 */
export function isolate(text) {
    return `\u2068${text}\u2069`;
}

/**
 * The whole of what a square shows, in words.
 *
 * @param {import("./label_account").Label} label
 * @param {Object} context
 * @param {string} context.stateLabel
 * @param {import("./label_account").Names | null} context.names
 * @param {(text: string) => string} [context.wrap] what is done to names
 * @returns {string} "Label 37, box 37, lot LOT-1: confirmed by the printer"
 */
export function describeLabel(label, { stateLabel, names, wrap = (text) => text }) {
    const box = names?.boxes?.[label.index - 1];
    const lot = names?.lots?.[label.index - 1];
    const what = [_t("Label %(number)s", { number: label.index })];
    if (box) {
        what.push(_t("box %(box)s", { box: wrap(box) }));
    }
    if (lot) {
        what.push(_t("lot %(lot)s", { lot: wrap(lot) }));
    }
    const how = [stateLabel];
    if (label.problem) {
        how.push(wrap(label.problem));
    }
    if (label.copies) {
        how.push(_t("printed %(copies)s times", { copies: label.copies }));
    }
    return `${what.join(", ")}: ${how.join(", ")}`;
}
