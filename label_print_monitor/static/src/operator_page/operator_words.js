import { _t } from "@web/core/l10n/translation";
import { formatInteger } from "@web/views/fields/formatters";

/** @param {Object} page what `get_operator_page` says @returns {string} '' when all that waits is shown */
export function describeMoreWaiting({ waiting, waiting_count }) {
    const count = waiting_count - waiting.length;
    return count > 0 ? _t("and %(count)s more", { count: formatInteger(count) }) : "";
}

/** @param {number} quantity @returns {string} what the button says that prints so many labels */
export function describePrint(quantity) {
    return quantity === 1
        ? _t("Print 1 label")
        : _t("Print %(count)s labels", { count: formatInteger(quantity) });
}

/** @param {number} quantity @param {string} order @returns {string} what is said once they are asked for */
export function describePrinted(quantity, order) {
    return quantity === 1
        ? _t("1 label of %(order)s is printed next.", { order })
        : _t("%(count)s labels of %(order)s are printed next.", {
              count: formatInteger(quantity),
              order,
          });
}

/**
 * @param {{ quantity: number, roll?: { left: string, room: number } | false }} panel the order that is chosen
 * @returns {string} that the roll has too few labels for it; '' when it has enough, or nobody counts
 */
export function describeShortage({ quantity, roll }) {
    if (!roll || quantity <= roll.room) {
        return "";
    }
    return _t("%(left)s on the roll. Free for this order: %(room)s. Have a new roll ready.", {
        left: roll.left,
        room: formatInteger(roll.room),
    });
}

/** For how long a printer can be put into maintenance by one touch, in minutes. */
const MAINTENANCES = [30, 60, 120, 240, 480];

/** @returns {{ minutes: number, label: string }[]} */
export function describeMaintenances() {
    return MAINTENANCES.map((minutes) => ({
        minutes,
        label:
            minutes < 60
                ? _t("%(count)s minutes", { count: minutes })
                : minutes === 60
                ? _t("1 hour")
                : _t("%(count)s hours", { count: minutes / 60 }),
    }));
}
