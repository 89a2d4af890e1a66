import { getCustomColor } from "@web/core/colors/colors";
import { toLocaleDateTimeString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { user } from "@web/core/user";
import { formatInteger } from "@web/views/fields/formatters";

const { DateTime } = luxon;

/**
 * @typedef {Object} Hour one hour of the reader's day
 * @property {string} hour "09:00"
 * @property {number} labels brought to paper by the attempts that ended in it
 * @property {number} failed labels of these attempts that failed or are uncertain
 * @property {number} jobs attempts of jobs that ended in it, without the cancelled ones
 * @property {number} succeeded those of them that printed all their labels
 */

/** @param {Hour[]} hours */
export function isEmptyDay(hours) {
    return !hours.some(isBusy);
}

/** @param {Hour} hour */
function isBusy(hour) {
    return Boolean(hour.labels || hour.failed || hour.jobs);
}

/**
 * From the first busy hour to the last, at least eight of them, so that a morning fills the width.
 *
 * @param {Hour[]} hours
 */
export function pickHours(hours) {
    const first = hours.findIndex(isBusy);
    const last = hours.findLastIndex(isBusy);
    return first < 0 ? hours : hours.slice(Math.max(0, Math.min(first, last - 7)), last + 1);
}

/** @param {Hour[]} hours */
function nameHours(hours) {
    return hours.map(({ hour }) =>
        toLocaleDateTimeString(DateTime.fromISO(hour), { showDate: false, showTime: true })
    );
}

/**
 * With the sign as the reader's language has it: "97.5%", and a space before it in German and French, which Odoo's own
 * `formatPercentage` leaves out.
 *
 * @param {number} share 0 to 1
 * @returns {string} never rounded up: 99.96 % is not a hundred
 */
export function formatRate(share) {
    const options = { style: "percent", maximumFractionDigits: 1, useGrouping: false };
    return new Intl.NumberFormat(user.lang, options).format(Math.floor(share * 1000 + 1e-9) / 1000);
}

const sum = (hours, key) => hours.reduce((total, hour) => total + hour[key], 0);

/** @param {Hour[]} hours @returns {string} the share of the day's attempts that printed all their labels */
export function formatDayRate(hours) {
    const jobs = sum(hours, "jobs");
    return jobs ? formatRate(sum(hours, "succeeded") / jobs) : "–";
}

/**
 * Labels of each hour as bars, the failed ones on top. Dark enough to stand out from the page, and of different
 * lightness, so that they can be told apart without colours.
 *
 * @param {Hour[]} hours
 * @param {string} scheme "light" or "dark"
 */
export function makeLabelsFigure(hours, scheme) {
    const shown = pickHours(hours);
    return {
        type: "bar",
        labels: nameHours(shown),
        summary: _t(
            "Bar chart: labels printed today: %(labels)s, failed or uncertain: %(failed)s",
            {
                labels: formatInteger(sum(hours, "labels")),
                failed: formatInteger(sum(hours, "failed")),
            }
        ),
        datasets: [
            {
                label: _t("Printed").toString(),
                data: shown.map((hour) => hour.labels),
                backgroundColor: getCustomColor(scheme, "#2c8c8a", "#3fa9a6"),
                stack: "labels",
                maxBarThickness: 48,
            },
            {
                label: _t("Failed or uncertain").toString(),
                data: shown.map((hour) => hour.failed),
                backgroundColor: getCustomColor(scheme, "#9b1c2c", "#f0a3ab"),
                stack: "labels",
                maxBarThickness: 48,
            },
        ],
    };
}

/**
 * The share of jobs of each hour that printed every label, as a line. An hour without jobs has no rate: the line goes
 * on to the next one that has.
 *
 * @param {Hour[]} hours
 * @param {string} scheme "light" or "dark"
 */
export function makeRateFigure(hours, scheme) {
    const shown = pickHours(hours);
    const color = getCustomColor(scheme, "#5b4a8a", "#b7a8e0");
    return {
        type: "line",
        isShare: true,
        labels: nameHours(shown),
        summary: _t(
            "Line chart: %(succeeded)s of %(jobs)s jobs that ended today printed every label",
            {
                succeeded: formatInteger(sum(hours, "succeeded")),
                jobs: formatInteger(sum(hours, "jobs")),
            }
        ),
        datasets: [
            {
                label: _t("Success rate").toString(),
                data: shown.map((hour) => (hour.jobs ? hour.succeeded / hour.jobs : null)),
                borderColor: color,
                backgroundColor: color,
                spanGaps: true,
                clip: false, // a point at 100 % is whole
                pointRadius: 4,
                borderWidth: 2,
            },
        ],
    };
}
