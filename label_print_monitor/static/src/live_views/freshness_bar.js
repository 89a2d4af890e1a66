import { Component, onMounted, onWillUnmount, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";

const { DateTime } = luxon;
const TROUBLED = ["unreachable", "misconfigured"];

const READ_PROBLEMS = {
    connection: _t("Odoo does not answer. What you see may be out of date."),
    session: _t("The session has expired, so what you see is out of date. Log in again."),
    other: _t(
        "This page could not be read again. What you see may be out of date: reload the page."
    ),
};

/**
 * @param {number} milliseconds
 * @returns {string} an age in the reader's words
 */
export function formatAge(milliseconds) {
    const seconds = Math.max(0, Math.round(milliseconds / 1000));
    if (seconds < 60) {
        return _t("%(seconds)s s ago", { seconds });
    }
    if (seconds < 3600) {
        return _t("%(minutes)s min ago", { minutes: Math.floor(seconds / 60) });
    }
    return _t("%(hours)s h ago", { hours: Math.floor(seconds / 3600) });
}

/**
 * @param {DateTime} dateTime
 * @returns {string} the time of day, with the date when it was not today
 */
export function formatSince(dateTime) {
    return dateTime.hasSame(DateTime.now(), "day")
        ? dateTime.toLocaleString(DateTime.TIME_SIMPLE)
        : formatDateTime(dateTime, { showSeconds: false });
}

/** Whether a server has just begun not to answer: too short for calling it unreachable. */
function isFailing(server) {
    const isKnown = server.active === false || TROUBLED.includes(server.state);
    return server.failure_count > 0 && !isKnown;
}

/**
 * One quiet line that says how old the screen is, and one plain sentence for each thing that makes it old: a websocket
 * that is away, an Odoo that does not answer, a print server that cannot be reached.
 */
export class FreshnessBar extends Component {
    static template = "label_print_monitor.FreshnessBar";
    static props = { freshness: Object };

    setup() {
        this.live = useState(useService("label_print_live").state);
        this.clock = useState({ now: Date.now() });
        let timer;
        onMounted(() => {
            timer = browser.setInterval(() => (this.clock.now = Date.now()), 1000);
        });
        onWillUnmount(() => browser.clearInterval(timer));
    }

    get age() {
        return _t("Updated %(age)s", {
            age: formatAge(this.clock.now - this.props.freshness.updatedAt),
        });
    }

    /** Green only when everything that is shown is as fresh as it says. */
    get sign() {
        if (!this.live.isConnected || this.props.freshness.problem) {
            return { icon: "fa-circle-o text-warning", text: _t("Not live") };
        }
        return this.troubles.length
            ? { icon: "fa-adjust text-warning", text: _t("Partly live") }
            : { icon: "fa-circle text-success", text: _t("Live") };
    }

    /** @returns {{ key: string, icon: string, text: string }[]} */
    get troubles() {
        const troubles = [];
        const { problem, isWaiting } = this.props.freshness;
        if (problem) {
            troubles.push({
                key: "read",
                icon: "fa-exclamation-triangle",
                text: READ_PROBLEMS[problem],
            });
        }
        if (isWaiting) {
            troubles.push({
                key: "waiting",
                icon: "fa-hand-paper-o",
                text: _t(
                    "New and moved rows wait until you clear the selection or save the row that you edit."
                ),
            });
        }
        if (!this.live.isConnected) {
            troubles.push({
                key: "websocket",
                icon: "fa-chain-broken",
                text: _t(
                    "Live updates have been interrupted since %(time)s. This page reads again every 20 seconds.",
                    { time: formatSince(DateTime.fromMillis(this.live.awaySince)) }
                ),
            });
        }
        const isArchived = (server) => server.active === false;
        for (const server of this.live.servers.filter(isArchived)) {
            troubles.push({
                key: `archived_${server.id}`,
                icon: "fa-archive",
                text: _t(
                    "Print server %(name)s is archived: nothing can be printed on its printers until it is restored.",
                    { name: server.name }
                ),
            });
        }
        for (const server of this.live.servers.filter(
            (s) => !isArchived(s) && TROUBLED.includes(s.state)
        )) {
            troubles.push({
                key: `server_${server.id}`,
                icon: "fa-server",
                text: this.describeServer(server),
            });
        }
        for (const server of this.live.servers.filter((s) => isFailing(s))) {
            troubles.push({
                key: `failing_${server.id}`,
                icon: "fa-server",
                text: _t(
                    "The print server %(name)s does not answer just now. Its jobs show what was last known; Odoo keeps asking.",
                    { name: server.name }
                ),
            });
        }
        for (const server of this.live.servers.filter((s) => s.is_followed === false)) {
            troubles.push({
                key: `unfollowed_${server.id}`,
                icon: "fa-clock-o",
                text: this.describeUnfollowed(server),
            });
        }
        return troubles;
    }

    describeUnfollowed(server) {
        const params = {
            name: server.name,
            time: formatSince(deserializeDateTime(server.last_contact)),
        };
        return user.isSystem
            ? _t(
                  "Odoo has not asked the print server %(name)s about its jobs since %(time)s. Look at the scheduled action “Poll Print Job Status” in the technical settings.",
                  params
              )
            : _t(
                  "Odoo has not asked the print server %(name)s about its jobs since %(time)s. Ask your administrator to look at the scheduled action “Poll Print Job Status”.",
                  params
              );
    }

    describeServer(server) {
        const since = server.state_since && formatSince(deserializeDateTime(server.state_since));
        const { name } = server;
        let words;
        if (server.state === "misconfigured") {
            words = _t("Print server refuses the key or the address: %(name)s.", { name });
        } else if (since) {
            words = _t(
                "Print server not reachable since %(time)s: %(name)s. Its jobs show what was last known.",
                { name, time: since }
            );
        } else {
            words = _t("Print server not reachable: %(name)s. Its jobs show what was last known.", {
                name,
            });
        }
        return server.state_message ? `${words} ${server.state_message}` : words;
    }
}
