import { Component, onWillStart, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { inBrowserZone } from "../live_views/browser_zone";
import { FreshnessBar } from "../live_views/freshness_bar";
import { useLive, withinTime } from "../live_views/use_live";
import { getPrinterLook } from "../printer_status/printer_look";
import { keepDevicePrinter, readDevicePrinter } from "./device_printer";
import { describeError } from "./error_words";
import * as words from "./operator_words";

/** An action that takes longer than this counts as failed, in milliseconds: a cancel waits for the print server. */
const LONGEST_ACT = 60_000;

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
        this.root = useRef("root");
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
            text: "",
        });
        useSetupAction();
        const { freshness, noteRead, noteFailure, readSoon } = useLive({
            concerns: (changes) => this.concerns(changes),
            read: () => this.read(),
            saysSessionExpired: true,
        });
        Object.assign(this, { freshness, readSoon, words });
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

    async read() {
        const page = await this.orm.silent.call(
            "printer.configuration",
            "get_operator_page",
            [this.state.panel?.kind === "printers" ? false : this.state.printerId],
            { context: inBrowserZone() }
        );
        if (this.state.panel?.kind === "printers" && !page.printer) {
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

    /**
     * Do one thing at a time, and say on the page what came of it.
     *
     * @param {() => Promise<string | void>} doIt may return what to say
     */
    async act(doIt) {
        if (this.state.isBusy) {
            return; // gloves and impatience touch twice
        }
        Object.assign(this.state, { isBusy: true, said: null });
        try {
            const text = await withinTime(doIt(), LONGEST_ACT);
            if (text) {
                this.state.said = { isError: false, text };
            }
        } catch (error) {
            this.state.said = { isError: true, text: describeError(error) };
        } finally {
            this.state.isBusy = false;
            this.readSoon();
        }
    }

    /**
     * Do what the answer to the panel's question says, once: a second touch finds no panel any more.
     *
     * @param {(panel: Object) => Promise<string | void>} doIt
     */
    async answer(doIt) {
        const { panel } = this.state;
        if (panel) {
            await this.act(() => doIt(panel));
        }
    }

    /**
     * Show what a method of the server returned: a question that needs its dialog, or words for the page.
     *
     * @param {Object | false} next
     */
    async follow(next) {
        if (next?.tag === "display_notification") {
            const { title, message, type } = next.params;
            this.state.said = { isError: type === "danger", text: message || title };
        } else if (next) {
            await this.action.doAction(next, { onClose: this.readSoon });
        }
    }

    /** @param {Object | null} panel */
    ask(panel) {
        Object.assign(this.state, { panel, said: null });
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
        return this.act(async () => {
            const { printers } = await this.orm.call("printer.configuration", "get_operator_page", [
                false,
            ]);
            this.ask({ kind: "printers", printers });
        });
    }

    choosePrinter(printer) {
        return this.act(async () => {
            keepDevicePrinter(printer.id);
            this.state.printerId = printer.id;
            this.ask(null);
            await this.read();
        });
    }

    submitText() {
        const { text } = this.state;
        return this.find(text);
    }

    /** @param {string} text as it was scanned or typed */
    find(text) {
        if (!this.printer || !this.state.page.rights.print) {
            return;
        }
        return this.act(async () => {
            const orders = await this.orm.call("printer.configuration", "find_orders", [
                [this.printer.id],
                text,
            ]);
            this.state.text = "";
            if (orders.length === 1) {
                await this.openOrder(orders[0]);
            } else {
                this.ask({ kind: "orders", orders });
            }
        });
    }

    async openOrder({ order_id, lot_id }) {
        const labels = await this.orm.call("printer.configuration", "get_order_labels", [
            [this.printer.id],
            order_id,
            lot_id,
        ]);
        this.ask({ kind: "order", ...labels });
    }

    chooseOrder(order) {
        return this.act(() => this.openOrder(order));
    }

    changeQuantity(by) {
        const { panel } = this.state;
        panel.quantity = Math.max(0, panel.quantity + by);
    }

    printOrder() {
        return this.answer(async ({ wizard_id, quantity, order }) => {
            await this.orm.write("label.print.wizard", [wizard_id], { quantity });
            await this.orm.call("label.print.wizard", "action_print", [[wizard_id]]);
            this.ask(null);
            return words.describePrinted(quantity, order);
        });
    }

    printMissing() {
        return this.answer(async ({ wizard_id }) => {
            const next = await this.orm.call("label.print.wizard", "action_retry", [[wizard_id]]);
            this.ask(null);
            await this.follow(next);
        });
    }

    askAgain() {
        return this.act(async () => {
            const label = await this.orm.call("printer.configuration", "get_last_label", [
                [this.printer.id],
            ]);
            this.ask({ kind: "again", ...label });
        });
    }

    printAgain(reason) {
        return this.answer(async ({ job_id, index, label, order }) => {
            const values = { job_id, labels_text: String(index), reason };
            values.printer_id = this.printer.id;
            const ids = await this.orm.create("label.print.again.wizard", [values]);
            await this.orm.call("label.print.again.wizard", "action_confirm", [ids]);
            this.ask(null);
            return _t("%(label)s of %(order)s is printed once more.", { label, order });
        });
    }

    askToCancel() {
        this.ask({ kind: "cancel", job: this.state.page.printing });
    }

    cancel(reason) {
        return this.answer(async ({ job }) => {
            let next;
            if (reason) {
                const ids = await this.orm.create("label.print.cancel.wizard", [
                    { job_ids: [[6, 0, [job.id]]], reason },
                ]);
                next = await this.orm.call("label.print.cancel.wizard", "action_confirm", [ids]);
            } else {
                next = await this.orm.call("label.print.job", "action_cancel", [[job.id]]);
            }
            this.ask(null);
            await this.follow(next);
        });
    }

    retry(problem) {
        return this.act(async () => {
            const next = await this.orm.call("label.print.job", "action_retry", [[problem.job_id]]);
            await this.follow(next);
        });
    }

    /** @param {"change_roll" | "correct_roll"} method of the printer */
    answerRoll(method) {
        return this.answer(async ({ labels }) => {
            const args = [[this.printer.id], labels === "" ? false : labels];
            const text = await this.orm.call("printer.configuration", method, args);
            this.ask(null);
            return text;
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
