import { deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { formatInteger } from "@web/views/fields/formatters";

function countWaiting(count) {
    return count === 1
        ? _t("1 job waits")
        : _t("%(count)s jobs wait", { count: formatInteger(count) });
}

function countStopped(count) {
    return count === 1
        ? _t("1 job lacks labels")
        : _t("%(count)s jobs lack labels", { count: formatInteger(count) });
}

/**
 * An incident as the overview and the wall display say it.
 *
 * @param {Object} incident as `get_overview` and `get_wall` describe it
 */
export function describeIncident(incident) {
    const { is_open: isOpen, message, waiting, stopped, person, maintenance } = incident;
    const facts = maintenance ? [maintenance] : [];
    if (waiting) {
        facts.push(countWaiting(waiting));
    }
    if (stopped) {
        facts.push(countStopped(stopped));
    }
    if (isOpen && person) {
        facts.push(_t("%(person)s is on it", { person }));
    }
    const at = formatDateTime(deserializeDateTime(incident.date), { showSeconds: false });
    return {
        ...incident,
        icon: isOpen ? "fa-times-circle" : "fa-repeat",
        problem: isOpen ? message : _t("It is over: %(problem)s", { problem: message }),
        facts: facts.join(" · "),
        at: isOpen ? _t("since %(time)s", { time: at }) : _t("over since %(time)s", { time: at }),
        retryLabel: _t("Retry what it stopped: %(place)s", { place: incident.name }),
        moveLabel: _t("Move what waits: %(place)s", { place: incident.name }),
        acknowledgeLabel: _t("I am on it: %(place)s", { place: incident.name }),
    };
}
