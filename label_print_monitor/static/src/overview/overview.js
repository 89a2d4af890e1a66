import { Component, onWillStart, useState } from "@odoo/owl";
import { cookie } from "@web/core/browser/cookie";
import { deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { useSetupAction } from "@web/search/action_hook";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { formatInteger } from "@web/views/fields/formatters";
import { FirstSteps } from "../first_steps/first_steps";
import { inBrowserZone } from "../live_views/browser_zone";
import { FreshnessBar } from "../live_views/freshness_bar";
import { makeNewestAnswer } from "../live_views/newest_answer";
import { useLive, withinTime } from "../live_views/use_live";
import { LONGEST_ACT } from "../operator_page/use_acts";
import { getPrinterLook } from "../printer_status/printer_look";
import { DayChart } from "./day_chart";
import { describeIncident } from "./incidents";
import { formatDayRate, isEmptyDay, makeLabelsFigure, makeRateFigure } from "./day_figures";
import { describeTiles } from "./tiles";
import { useNoAnswer } from "./use_no_answer";

const PRINTERS_SHOWN = 24;
const TROUBLED_PRINTERS_SHOWN = 6;

const VIEWS_OF_MODEL = {
    "label.print.job": ["list", "kanban", "form", "pivot", "graph", "calendar"],
    "label.print.attempt": ["list", "kanban", "form", "pivot", "graph"],
    "printer.configuration": ["kanban", "list", "form"],
    "label.print.incident": ["list", "kanban", "form"],
};

/** Whether a printer prints, and something will stop it when nobody sees to it. */
const isWarned = ({ look, warnings }) => !look.isTrouble && warnings.length > 0;

/** The first page: what is going on, what went wrong, and where to click next. */
export class LabelPrintOverview extends Component {
    static template = "label_print_monitor.Overview";
    static components = { Layout, FreshnessBar, DayChart, FirstSteps };
    static props = { ...standardActionServiceProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.sayNoAnswer = useNoAnswer();
        this.beginRead = makeNewestAnswer();
        this.state = useState({ data: null, isBusy: false });
        this.display = { controlPanel: {} };
        useSetupAction();
        const { freshness, readSoon } = useLive({
            concerns: (changes) =>
                Boolean(
                    changes.jobs?.length ||
                        changes.printers?.length ||
                        changes.incidents?.length ||
                        (changes.servers?.length && this.firstSteps.length)
                ),
            read: () => this.read(this.orm.silent),
        });
        Object.assign(this, { freshness, readSoon });
        onWillStart(() => this.read(this.orm));
    }

    async read(orm) {
        const isNewest = this.beginRead();
        const data = await orm.call("label.print.job", "get_overview", [], {
            context: inBrowserZone(),
        });
        if (!isNewest()) {
            return { hasRead: false };
        }
        this.state.data = data;
    }

    get firstSteps() {
        return this.state.data?.first_steps || [];
    }

    get tiles() {
        return describeTiles(this.state.data.tiles);
    }

    get successRate() {
        return formatDayRate(this.state.data.per_hour);
    }

    get hasPrinted() {
        return !isEmptyDay(this.state.data.per_hour);
    }

    get labelsFigure() {
        return makeLabelsFigure(this.state.data.per_hour, cookie.get("color_scheme"));
    }

    get rateFigure() {
        return makeRateFigure(this.state.data.per_hour, cookie.get("color_scheme"));
    }

    get printers() {
        return this.state.data.printers.map((printer) => ({
            ...printer,
            look: getPrinterLook(printer.status),
            waiting: formatInteger(printer.waiting),
            today: formatInteger(printer.labels_today),
            warnings: printer.warnings || [],
        }));
    }

    /** Those that do not print, then those that will not for long when nobody sees to them. */
    get troubledPrinters() {
        const { printers } = this;
        return [
            ...printers.filter(({ look }) => look.isTrouble),
            ...printers.filter(isWarned).map((printer) => ({ ...printer, warnsOnly: true })),
        ];
    }

    get troubledPrintersShown() {
        return this.troubledPrinters.slice(0, TROUBLED_PRINTERS_SHOWN);
    }

    get moreTroubledPrinters() {
        return this.describeMore(this.troubledPrinters.length - this.troubledPrintersShown.length);
    }

    /** Which printers warn of something is no search: then it is the page of all of them, which shows it. */
    openTroubledPrinters() {
        return this.printers.some(isWarned)
            ? this.openAllPrinters()
            : this.openTileNamed("printers_offline");
    }

    /** Of a hundred printers that are well, a few are enough. */
    get readyPrinters() {
        const left = PRINTERS_SHOWN - this.troubledPrintersShown.length;
        return this.printers
            .filter((printer) => !printer.look.isTrouble && !isWarned(printer))
            .slice(0, left);
    }

    get printersTitle() {
        const { length } = this.state.data.printers;
        return length > this.readyPrinters.length + this.troubledPrintersShown.length
            ? _t("All %(count)s printers", { count: formatInteger(length) })
            : _t("All printers");
    }

    /** @param {number} count of those that are not shown @returns {string} '' when all are */
    describeMore(count) {
        return count > 0 ? _t("and %(count)s more", { count: formatInteger(count) }) : "";
    }

    get moreFailures() {
        const { tiles, failures, covered = 0 } = this.state.data;
        return this.describeMore(tiles.attention.value - covered - failures.length);
    }

    get incidents() {
        return (this.state.data.incidents || []).map(describeIncident);
    }

    get moreIncidents() {
        const { incidents = [], incidents_count: count = 0 } = this.state.data;
        return this.describeMore(count - incidents.length);
    }

    get oldestWaiting() {
        const oldest = this.state.data.oldest_waiting;
        return (
            oldest && {
                ...oldest,
                at: formatDateTime(deserializeDateTime(oldest.since), { showSeconds: false }),
            }
        );
    }

    /** What a retry has mended does not disappear from the day. */
    get noFailureText() {
        const { value } = this.state.data.tiles.failed_today;
        if (!value) {
            return _t("Nothing has failed.");
        }
        return value === 1
            ? _t("Nothing waits for a retry: what failed today has been seen to.")
            : _t(
                  "Nothing waits for a retry: the %(count)s attempts that failed today have been seen to.",
                  { count: formatInteger(value) }
              );
    }

    get failures() {
        return this.state.data.failures.map((failure) => ({
            ...failure,
            at: failure.date ? formatDateTime(deserializeDateTime(failure.date)) : "",
            retryLabel: _t("Retry %(job)s", { job: failure.name }),
        }));
    }

    openTileNamed(name) {
        return this.openTile(this.tiles.find((tile) => tile.name === name));
    }

    openTile(tile) {
        return this.openRecords(tile.model, tile.domain, tile.label);
    }

    openRecords(resModel, domain, name) {
        const views = VIEWS_OF_MODEL[resModel] || ["list", "form"];
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: String(name),
            res_model: resModel,
            domain,
            views: views.map((view) => [false, view]),
        });
    }

    openRecord(resModel, resId) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: resModel,
            res_id: resId,
            views: [[false, "form"]],
        });
    }

    openJobsOf(printer) {
        return this.openRecords("label.print.job", [["printer_id", "=", printer.id]], printer.name);
    }

    openAllPrinters() {
        return this.action.doAction("label_print_monitor.action_printer_status");
    }

    openIncidents() {
        return this.action.doAction("label_print_monitor.action_label_print_incident");
    }

    retry(failure) {
        return this.act("label.print.job", "action_retry", failure.id);
    }

    /** @param {string} method of an incident: what one of its buttons does */
    actOnIncident(incident, method) {
        return this.act("label.print.incident", method, incident.id);
    }

    /** One thing at a time: what is pressed may ask the print server first, and nothing changes meanwhile. */
    async act(resModel, method, resId) {
        if (this.state.isBusy) {
            return;
        }
        this.state.isBusy = true;
        try {
            const doing = this.orm.call(resModel, method, [[resId]]);
            const next = await withinTime(doing, LONGEST_ACT);
            if (next) {
                await this.action.doAction(next, { onClose: this.readSoon });
            }
        } catch (error) {
            this.sayNoAnswer(error);
        } finally {
            this.state.isBusy = false;
            this.readSoon(); // also what made it fail is shown
        }
    }
}

registry.category("actions").add("label_print_monitor.overview", LabelPrintOverview);
