import { deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { formatInteger } from "@web/views/fields/formatters";
import { formatSince } from "../live_views/freshness_bar";

const SHOWN_OF_CODE = 60;
/** A list of thousands would be slow to draw, and nobody reads it: what is scanned next is taken off its front. */
const MOST_SHOWN = 100;

/** @param {string} code */
export function shortCode(code) {
    return code.length > SHOWN_OF_CODE ? `${code.slice(0, SHOWN_OF_CODE)}…` : code;
}

/** @param {number} count of scans that wait for their order @returns {string} */
export function describeKept(count) {
    return count === 1
        ? _t("1 scan is kept, and checked when the order is open. Leave this page open.")
        : _t(
              "%(count)s scans are kept, and checked when the order is open. Leave this page open.",
              {
                  count: formatInteger(count),
              }
          );
}

/** @param {string[]} codes @returns {string} */
export function describeUnchecked(codes) {
    const shown = codes.map(shortCode).join(", ");
    return _t("Scanned before an order was open, and not checked: %(codes)s. Scan them again.", {
        codes: shown,
    });
}

/**
 * @param {{ lots: string[], box: number, product: string }} label
 * @returns {string} what a label is called, by whoever holds its box
 */
export function nameLabel({ lots, box, product }) {
    const name = lots.at(-1) || product;
    return box ? _t("%(name)s · box %(box)s", { name, box }) : name;
}

function since(when) {
    return when ? formatSince(deserializeDateTime(when)) : "";
}

const WORDS = {
    checked: ({ name }) => [name, ""],
    twice: ({ name, who, when, isOwn }) => [
        _t("Scanned twice: %(name)s", { name }),
        who && !isOwn
            ? _t(
                  "%(who)s has checked it at %(time)s. If this is another box, one of the two has a wrong label: set both aside.",
                  { who, time: since(when) }
              )
            : _t(
                  "It is checked already. If this is another box, one of the two has a wrong label: set both aside."
              ),
    ],
    too_many: ({ name, count }) => [
        _t("One too many: %(name)s", { name }),
        _t(
            "All %(count)s labels with this code are checked already. A box was scanned twice, or there is a label too many: count the boxes.",
            { count: formatInteger(count) }
        ),
    ],
    foreign: ({ code, of }) => [
        of
            ? _t("Wrong order: this is %(order)s", { order: of })
            : _t("Not of this order: %(code)s", { code }),
        of
            ? _t("Bring this box to the boxes of %(order)s, and scan the next one.", { order: of })
            : _t("No label of this order has this code. Set the box aside, and scan the next one."),
    ],
    product_code: () => [
        _t("That is the product's code"),
        _t("It does not say which box this is. Scan the code with the lot or serial number."),
    ],
    no_separator: () => [
        _t("The scanner left something out"),
        _t(
            "Between the parts of this GS1 code the separator is missing, so nobody can say where the lot or serial number ends. Nothing was counted. Type the number, and have the scanner set up to send the separator (FNC1, character 29)."
        ),
    ],
    destroyed: ({ name }) => [
        _t("Was destroyed: %(name)s", { name }),
        _t(
            "Somebody has said that this label was destroyed. Take it off the box, and print the label again."
        ),
    ],
    not_printed: ({ name }) => [
        _t("Never printed: %(name)s", { name }),
        _t(
            "As far as Odoo knows, this label has not been printed. Set the box aside, and look at the print job."
        ),
    ],
    unreadable: () => [
        _t("That is no code of a label"),
        _t("The scanner has read nothing that a label can hold. Scan again."),
    ],
    undone: ({ name }) => [
        _t("Taken back: %(name)s", { name }),
        _t("This label counts as not checked again."),
    ],
    not_undone: ({ name }) => [
        _t("Not taken back: %(name)s", { name }),
        _t("Somebody has seen to this label since, or the scan is too old. Look at the print job."),
    ],
    gone: () => [
        _t("The order is not there any more"),
        _t("It was deleted, or you may not see it. Choose the order again."),
    ],
};

/**
 * What the page says of a scan, large and in one glance, and what to do about it.
 *
 * @param {string} kind
 * @param {{ name?: string, code?: string, count?: number, who?: string, when?: string, of?: string, isOwn?: boolean }} facts
 * @returns {{ title: string, action: string }}
 */
export function describeVerdict(kind, facts) {
    const [title, action] = (WORDS[kind] || WORDS.unreadable)(facts);
    return { title, action };
}

/**
 * The words about one verdict, of the page or of the server.
 *
 * @param {{ kind: string, place: number | null, count?: number }} verdict `place`: of the label in the list
 * @param {{ code: string, list: import("./label_list").LabelList | null, of?: string, who?: string, when?: string,
 *   is_own?: boolean }} facts `is_own`: whether `who` is the reader, whom others may be called as
 * @returns {{ isRight: boolean, title: string, action: string }}
 */
export function describeScan(
    { kind, place, count },
    { code, list, of = "", who = "", when = false, is_own = false }
) {
    const label = Number.isInteger(place) ? list?.labels[place] : null;
    return {
        isRight: kind === "checked" || kind === "undone",
        ...describeVerdict(kind, {
            name: label ? nameLabel(label) : shortCode(code),
            code: shortCode(code),
            count,
            of,
            who: who || label?.who || "",
            when: when || label?.when,
            isOwn: who ? is_own : label?.isOwn,
        }),
    };
}

/** @param {import("./label_list").LabelList} list */
export function describeProgress({ checkedCount, wanted }) {
    const total = wanted.length;
    return {
        isDone: Boolean(total) && checkedCount === total,
        percent: total ? Math.floor((100 * checkedCount) / total) : 0,
        words: _t("%(done)s of %(total)s checked", {
            done: formatInteger(checkedCount),
            total: formatInteger(total),
        }),
    };
}

function describeLine({ name, count, total, isPrinted }) {
    if (total > 1) {
        const counts = { count: formatInteger(count), total: formatInteger(total) };
        return { name, detail: _t("%(count)s of %(total)s", counts) };
    }
    return { name, detail: isPrinted ? "" : _t("not known to be printed") };
}

/** @param {import("./label_list").LabelList} list */
export function describeMissing({ missing }) {
    const shown = missing.slice(0, MOST_SHOWN).map(describeLine);
    const more = missing.length - shown.length;
    return {
        shown,
        more: more > 0 ? _t("and %(count)s more", { count: formatInteger(more) }) : "",
    };
}
