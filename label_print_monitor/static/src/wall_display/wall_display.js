import {
    Component,
    onMounted,
    onWillStart,
    onWillUnmount,
    useEffect,
    useRef,
    useState,
} from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { cookie } from "@web/core/browser/cookie";
import { deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useBus, useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { formatInteger } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { inBrowserZone } from "../live_views/browser_zone";
import { FreshnessBar } from "../live_views/freshness_bar";
import { makeNewestAnswer } from "../live_views/newest_answer";
import { useLive } from "../live_views/use_live";
import { DayChart } from "../overview/day_chart";
import { formatDayRate, isEmptyDay, makeLabelsFigure } from "../overview/day_figures";
import { describeIncident } from "../overview/incidents";
import { describeTiles } from "../overview/tiles";
import { getPrinterLook } from "../printer_status/printer_look";
import { useAwake } from "./use_awake";

const { DateTime } = luxon;

/** How long one part of the printers stays when they do not all fit, in milliseconds. */
const TURN_EVERY = 12_000;

/** What asks for somebody is shown up to this number; the rest is counted. */
const TROUBLE_SHOWN = 6;

/** The least room for a card, in pixels. Of a few printers the cards are large. */
const CARD = { width: 290, height: 210 };
const LARGE_CARD = { width: 400, height: 340 };
const FEW = 6;
const GAP = 12;

/** Narrower than this it is no wall: everything is shown, one below the other, and scrolls. */
const WALL_WIDTH = 992;

const getTime = () => DateTime.now().toLocaleString(DateTime.TIME_SIMPLE);

/**
 * The overview and all printers for a monitor in the hall. Nothing on it can be touched, and it is never reloaded by
 * anybody: it goes on by itself after a night, a restart of Odoo, or a network that was away.
 */
export class WallDisplay extends Component {
    static template = "label_print_monitor.WallDisplay";
    static components = { FreshnessBar, DayChart };
    static props = { ...standardActionServiceProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.beginRead = makeNewestAnswer();
        this.printersRef = useRef("printers");
        this.troublesRef = useRef("troubles");
        this.state = useState({
            data: null,
            turn: 0,
            time: getTime(),
            fit: 12,
            fitLarge: FEW,
            troublesSeen: TROUBLE_SHOWN,
            mayLeave: false,
        });
        useSetupAction();
        useAwake();
        const { freshness, noteRead, noteFailure, readSoon } = useLive({
            concerns: ({ jobs, printers, incidents }) =>
                Boolean(jobs?.length || printers?.length || incidents?.length),
            read: () => this.read(),
            saysSessionExpired: true,
        });
        this.freshness = freshness;
        // Odoo itself was updated: its websocket takes no older page any more.
        useBus(useService("bus_service"), "BUS:OUTDATED", () => browser.location.reload());
        onWillStart(async () => {
            try {
                const [mayLeave] = await Promise.all([
                    user.hasGroup("label_print_monitor.group_label_print_user"),
                    this.read(),
                ]);
                this.state.mayLeave = mayLeave;
                noteRead();
            } catch (error) {
                noteFailure(error);
                readSoon();
            }
        });
        // A sentence that appears above takes room from the cards.
        useEffect(
            (el) => {
                const observer = new ResizeObserver(() => this.measure());
                if (el) {
                    observer.observe(el);
                }
                return () => observer.disconnect();
            },
            () => [this.printersRef.el]
        );
        useEffect(
            () => this.measureTroubles(),
            () => [this.troublesRef.el, this.state.data]
        );
        let timers = [];
        onMounted(() => {
            timers = [
                browser.setInterval(() => this.state.turn++, TURN_EVERY),
                browser.setInterval(() => (this.state.time = getTime()), 1000),
            ];
        });
        onWillUnmount(() => {
            timers.forEach((timer) => browser.clearInterval(timer));
        });
    }

    async read() {
        const isNewest = this.beginRead();
        const data = await this.orm.silent.call("printer.configuration", "get_wall", [], {
            context: inBrowserZone(),
        });
        if (this.state.data && data.version !== this.state.data.version) {
            browser.location.reload(); // the addon was updated, and this page is older
            return;
        }
        if (!isNewest()) {
            return { hasRead: false };
        }
        this.state.data = data;
    }

    /** How many cards fit at once. */
    measure() {
        const { el } = this.printersRef;
        if (!el) {
            return;
        }
        const count = (room, size) => Math.max(1, Math.floor((room + GAP) / (size + GAP)));
        const fit = ({ width, height }) =>
            browser.innerWidth < WALL_WIDTH
                ? Infinity
                : count(el.clientWidth, width) * count(el.clientHeight, height);
        this.state.fit = fit(CARD);
        this.state.fitLarge = fit(LARGE_CARD);
        this.measureTroubles();
    }

    /** How many of what needs somebody are seen whole: below them is the end of the list's room. */
    measureTroubles() {
        const { el } = this.troublesRef;
        if (!el) {
            return;
        }
        const end = el.getBoundingClientRect().bottom + 1;
        const cards = [...el.querySelectorAll(".o_label_print_wall_trouble")];
        const isWall = browser.innerWidth >= WALL_WIDTH;
        const seen = cards.filter((card) => !isWall || card.getBoundingClientRect().bottom <= end);
        this.state.troublesSeen = Math.max(1, seen.length);
    }

    /** Whether there are so few printers that each has a large card; where those find no room, all are shown small. */
    get isLarge() {
        return (this.state.data?.printers.length || 0) <= Math.min(FEW, this.state.fitLarge);
    }

    get tiles() {
        return describeTiles(this.state.data.tiles);
    }

    get printers() {
        return this.state.data.printers.map((printer) => ({
            ...printer,
            look: this.getLook(printer),
            waiting: formatInteger(printer.waiting),
            today: formatInteger(printer.labels_today),
        }));
    }

    /** Of a printer that prints nothing until somebody comes, the card is red: an incident says what is wrong. */
    getLook(printer) {
        const look = getPrinterLook(printer.status);
        return printer.status === "attention" && printer.has_incident
            ? { ...look, color: "danger" }
            : look;
    }

    /**
     * Incidents, printers in trouble without one, what else has failed, then what will stop a printer: what asks for
     * somebody stays in sight whatever else takes turns.
     */
    get troubles() {
        const { failures, incidents = [] } = this.state.data;
        return [
            ...incidents.map(describeIncident).map((incident) => ({
                key: `incident-${incident.id}`,
                color: incident.is_open ? "danger" : "warning",
                icon: incident.icon,
                title: incident.name,
                place: [incident.facts, incident.at].filter(Boolean).join(" · "),
                problem: incident.problem,
                action: incident.action,
            })),
            ...this.printers
                .filter((printer) => printer.look.isTrouble && !printer.has_incident)
                .map((printer) => ({
                    key: `printer-${printer.id}`,
                    color: printer.look.color,
                    icon: printer.look.icon,
                    title: printer.name,
                    place: printer.location,
                    problem: printer.reason || printer.status_label,
                    action: printer.action,
                })),
            ...failures.map((failure) => ({
                key: `job-${failure.id}`,
                color: "danger",
                icon: "fa-times-circle",
                title: failure.name,
                place: [
                    failure.printer,
                    failure.date
                        ? formatDateTime(deserializeDateTime(failure.date), { showSeconds: false })
                        : "",
                ]
                    .filter(Boolean)
                    .join(" · "),
                problem: failure.message,
                action: failure.action,
            })),
            ...this.printers
                .filter((printer) => !printer.look.isTrouble && printer.warnings?.length)
                .map((printer) => ({
                    key: `warning-${printer.id}`,
                    color: "warning",
                    icon: "fa-exclamation-triangle",
                    title: printer.name,
                    place: printer.location,
                    problem: printer.warnings.map(({ title }) => title).join(" · "),
                    action: [...new Set(printer.warnings.map(({ action }) => action))].join(" · "),
                })),
        ];
    }

    get troublesShown() {
        return this.troubles.slice(0, TROUBLE_SHOWN);
    }

    isTroubleSeen(index) {
        return index < this.state.troublesSeen;
    }

    get moreTroubles() {
        const { incidents = [], failures, ...counts } = this.state.data;
        const countUnsent = (count = 0, sent) => Math.max(0, count - sent.length);
        const unsent =
            countUnsent(counts.incidents_count, incidents) +
            countUnsent(counts.failures_count, failures);
        const seen = Math.min(TROUBLE_SHOWN, this.state.troublesSeen);
        const count = this.troubles.length + unsent - seen;
        return count > 0 ? _t("and %(count)s more", { count: formatInteger(count) }) : "";
    }

    /** The part of the printers whose turn it is. */
    get printersShown() {
        const { fit, turn } = this.state;
        const { printers } = this;
        if (printers.length <= fit) {
            return printers;
        }
        const first = (turn % Math.ceil(printers.length / fit)) * fit;
        return printers.slice(first, first + fit);
    }

    get printersTitle() {
        const { length } = this.printers;
        const shown = this.printersShown;
        if (shown.length === length) {
            return _t("Printers");
        }
        const first = this.printers.findIndex(({ id }) => id === shown[0].id) + 1;
        return _t("Printers %(first)s to %(last)s of %(count)s", {
            first,
            last: first + shown.length - 1,
            count: length,
        });
    }

    get hasPrinted() {
        return !isEmptyDay(this.state.data.per_hour);
    }

    get successRate() {
        return formatDayRate(this.state.data.per_hour);
    }

    get labelsFigure() {
        return makeLabelsFigure(this.state.data.per_hour, cookie.get("color_scheme"));
    }

    leave() {
        return this.action.doAction("label_print_monitor.action_label_print_overview", {
            clearBreadcrumbs: true,
        });
    }
}

registry.category("actions").add("label_print_monitor.wall_display", WallDisplay);
