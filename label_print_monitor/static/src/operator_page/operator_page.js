import { Component, onWillStart, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { inBrowserZone } from "../live_views/browser_zone";
import { FreshnessBar } from "../live_views/freshness_bar";
import { makeNewestAnswer } from "../live_views/newest_answer";
import { useLive } from "../live_views/use_live";
import { getPrinterLook } from "../printer_status/printer_look";
import { keepDevicePrinter, readDevicePrinter } from "./device_printer";
import * as words from "./operator_words";
import { useActs } from "./use_acts";

/**
 * The page of a tablet at one printer: what prints, what waits, what is wrong and what to do about it.
 *
 * One question at a time: a panel takes the place of the page's lower part. Whatever fails is said on the page.
 */
export class OperatorPage extends Component {
    static template = "label_print_monitor.OperatorPage";
    static components = { FreshnessBar };
    static props = { ...standardActionServiceProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.beginRead = makeNewestAnswer();
        this.root = useRef("root");
        this.input = useRef("input");
        this.panel = useRef("panel");
        this.state = useState({
            printerId: readDevicePrinter(),
            /** @type {Object | null} what `get_operator_page` says */
            page: null,
            /** @type {{ kind: string } | null} the question that is asked */
            panel: null,
            /** @type {{ isError: boolean, text: string } | null} what came of the last touch */
            said: null,
            isBusy: false,
        });
        useSetupAction();
        const { freshness, noteRead, noteFailure, readSoon } = useLive({
            concerns: (changes) => this.concerns(changes),
            read: () => this.read(),
            saysSessionExpired: true,
        });
        Object.assign(this, { freshness, words, ...useActs(this.state, readSoon) });
        onWillStart(async () => {
            try {
                await this.read();
                noteRead();
            } catch (error) {
                noteFailure(error);
                readSoon();
            }
        });
        // A scanner types. What it types goes to the barcode service, unless the input has the focus.
        useBus(useService("barcode").bus, "barcode_scanned", ({ detail }) =>
            this.find(detail.barcode)
        );
        // The panel takes the focus, not a button of it: a scanner sends Enter to what has the focus.
        useEffect(
            (kind) => {
                const target = kind ? this.panel.el : this.root.el;
                target?.focus({ preventScroll: !kind });
            },
            () => [this.state.panel?.kind]
        );
    }

    concerns(changes) {
        return (
            Boolean(changes.jobs?.length) ||
            Boolean(
                this.printer
                    ? changes.printers?.includes(this.printer.id)
                    : changes.printers?.length
            )
        );
    }

    /** @param {number | false} printerId @returns {Promise<Object>} false: the printers to choose among */
    fetchPage(printerId) {
        const context = inBrowserZone();
        return this.orm.silent.call("printer.configuration", "get_operator_page", [printerId], {
            context,
        });
    }

    /** What is read: the page of the printer that was chosen on this device, or the printers to choose among. */
    get wanted() {
        return this.state.panel?.kind === "printers" ? false : this.state.printerId;
    }

    async read() {
        const isNewest = this.beginRead();
        const { wanted } = this;
        const page = await this.fetchPage(wanted);
        // Meanwhile another printer may have been chosen, or this page been read again.
        if (wanted !== this.wanted || !isNewest()) {
            return { hasRead: false };
        }
        if (this.state.panel?.kind === "printers") {
            this.state.panel.printers = page.printers;
        } else {
            this.state.page = page;
        }
    }

    get printer() {
        return this.state.page?.printer;
    }

    get look() {
        return getPrinterLook(this.printer.status);
    }

    /** The printers to choose among: at first, or when another one is wanted. */
    get printers() {
        const { page, panel } = this.state;
        const printers = panel?.kind === "printers" ? panel.printers : page?.printers;
        return (printers || []).map((printer) => ({
            ...printer,
            look: getPrinterLook(printer.status),
        }));
    }

    get isChoosing() {
        const { page, panel } = this.state;
        return panel?.kind === "printers" || Boolean(page && !page.printer);
    }

    get isGone() {
        return Boolean(this.state.printerId) && this.state.panel?.kind !== "printers";
    }

    onKeydown(ev) {
        if (ev.key === "Escape" && this.state.panel) {
            this.ask(null);
        }
    }

    /** A touched button does not keep the focus: a space in a scanned code would press it again. */
    onClick(ev) {
        if (ev.pointerType === "touch") {
            ev.target.closest("button")?.blur();
        }
    }

    choosePrinters() {
        return this.act(async (open) => {
            const { printers } = await this.fetchPage(false);
            open({ kind: "printers", printers });
        });
    }

    /** Another printer is chosen once its page is there: nothing is printed at one whose page is not seen. */
    choosePrinter({ id }) {
        const { panel } = this.state;
        return this.act(async (open) => {
            const page = await this.fetchPage(id);
            if (this.state.panel !== panel || !open(null)) {
                return; // the question was left
            }
            keepDevicePrinter(id);
            Object.assign(this.state, { printerId: id, page });
        });
    }

    submitText() {
        // A scanner that types into the field is faster than the page is drawn: not by `t-model`.
        const { value } = this.input.el;
        this.input.el.value = "";
        return this.find(value);
    }

    /** @param {string} text as it was scanned or typed */
    find(text) {
        if (!this.printer || !this.state.page.rights.print || !text.trim()) {
            return;
        }
        return this.actOnScan(async (open) => {
            const orders = await this.orm.call("printer.configuration", "find_orders", [
                [this.printer.id],
                text,
            ]);
            if (orders.length === 1) {
                await this.openOrder(orders[0], open);
            } else {
                open({ kind: "orders", orders });
            }
        });
    }

    async openOrder({ order_id, lot_id }, open) {
        const labels = await this.orm.call("printer.configuration", "get_order_labels", [
            [this.printer.id],
            order_id,
            lot_id,
        ]);
        open({ kind: "order", ...labels });
    }

    chooseOrder(order) {
        return this.act((open) => this.openOrder(order, open));
    }

    changeQuantity(by) {
        const { panel } = this.state;
        panel.quantity = Math.max(0, panel.quantity + by);
    }

    printOrder() {
        return this.answer(async (panel) => {
            const { wizard_id, quantity, order } = panel;
            await this.orm.write("label.print.wizard", [wizard_id], { quantity });
            await this.orm.call("label.print.wizard", "action_print", [[wizard_id]]);
            this.leavePanel(panel);
            return words.describePrinted(quantity, order);
        });
    }

    printMissing() {
        return this.answer(async (panel) => {
            const args = [[panel.wizard_id]];
            const next = await this.orm.call("label.print.wizard", "action_retry", args);
            this.leavePanel(panel);
            return next;
        });
    }

    askAgain() {
        return this.act(async (open) => {
            const label = await this.orm.call("printer.configuration", "get_last_label", [
                [this.printer.id],
            ]);
            open({ kind: "again", ...label });
        });
    }

    printAgain(reason) {
        return this.answer(async (panel) => {
            const { job_id, index, label, order } = panel;
            const values = { job_id, labels_text: String(index), reason };
            values.printer_id = this.printer.id;
            const ids = await this.orm.create("label.print.again.wizard", [values]);
            await this.orm.call("label.print.again.wizard", "action_confirm", [ids]);
            this.leavePanel(panel);
            return _t("%(label)s of %(order)s is printed once more.", { label, order });
        });
    }

    askToCancel() {
        this.ask({ kind: "cancel", job_id: this.state.page.printing.id });
    }

    /** The job that is to be cancelled as it is now; false once it prints no more. */
    get jobToCancel() {
        const { printing } = this.state.page;
        return printing && printing.id === this.state.panel.job_id && printing;
    }

    cancel(reason) {
        return this.answer(async (panel) => {
            const { job_id } = panel;
            let next;
            if (reason) {
                const ids = await this.orm.create("label.print.cancel.wizard", [
                    { job_ids: [[6, 0, [job_id]]], reason },
                ]);
                next = await this.orm.call("label.print.cancel.wizard", "action_confirm", [ids]);
            } else {
                next = await this.orm.call("label.print.job", "action_cancel", [[job_id]]);
            }
            this.leavePanel(panel);
            return next;
        });
    }

    retry(problem) {
        return this.act(() => this.orm.call("label.print.job", "action_retry", [[problem.job_id]]));
    }

    /** @param {"change_roll" | "correct_roll"} method of the printer */
    answerRoll(method) {
        return this.answer(async (panel) => {
            const args = [[this.printer.id], panel.labels === "" ? false : panel.labels];
            const text = await this.orm.call("printer.configuration", method, args);
            this.leavePanel(panel);
            return text;
        });
    }

    /** @param {number} minutes */
    beginMaintenance(minutes) {
        return this.answer(async (panel) => {
            const args = [[this.printer.id], minutes];
            const text = await this.orm.call("printer.configuration", "begin_maintenance", args, {
                context: inBrowserZone(),
            });
            this.leavePanel(panel);
            return text;
        });
    }

    endMaintenance() {
        return this.act(async () => {
            const args = [[this.printer.id]];
            await this.orm.call("printer.configuration", "action_end_maintenance", args);
            return _t("Maintenance ended.");
        });
    }

    openScanCheck() {
        return this.action.doAction("label_print_monitor.action_label_print_check");
    }

    leave() {
        return this.action.doAction("label_print_monitor.action_label_print_overview", {
            clearBreadcrumbs: true,
        });
    }
}

registry.category("actions").add("label_print_monitor.operator_page", OperatorPage);
