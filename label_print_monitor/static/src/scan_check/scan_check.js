import {
    Component,
    onWillStart,
    onWillUnmount,
    useEffect,
    useExternalListener,
    useRef,
    useState,
} from "@odoo/owl";
import { scanBarcode } from "@web/core/barcode/barcode_dialog";
import { isBarcodeScannerSupported } from "@web/core/barcode/barcode_video_scanner";
import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useBus, useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { formatInteger } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { describeError } from "../live_views/error_words";
import { FreshnessBar } from "../live_views/freshness_bar";
import { makeNewestAnswer } from "../live_views/newest_answer";
import { isSessionExpired } from "../live_views/session_expired";
import { NoAnswerError, useLive, withinTime } from "../live_views/use_live";
import { LabelList } from "./label_list";
import { cleanCode, LONGEST_CODE } from "./scan_judge";
import { ScanQueue } from "./scan_queue";
import { playVerdict } from "./scan_sounds";
import { isSame, keepSubject, readSubject } from "./scan_subject";
import {
    describeKept,
    describeMissing,
    describeProgress,
    describeScan,
    describeVerdict,
} from "./scan_words";
import { useOrderChoice } from "./use_order_choice";

const MOST_PROBLEMS = 20;
/** So many of the last right scans can be taken back here. */
const MOST_RECENT = 5;
/** How often a list is read again because scans were answered meanwhile. */
const MOST_TURNS = 3;

/** Whether the bar above the page says it already: no answer, or nobody is logged in. */
function isSaidByBar(error) {
    return (
        error instanceof ConnectionLostError ||
        error instanceof NoAnswerError ||
        isSessionExpired(error)
    );
}

/**
 * The page of a handheld scanner or a phone: the boxes of an order are scanned, and each scan is answered at once, by
 * sound, colour and words.
 *
 * It is judged here against the list that was loaded, and by the server as soon as there is a connection. Where the server
 * says otherwise, the page says that, too.
 */
export class ScanCheck extends Component {
    static template = "label_print_monitor.ScanCheck";
    static components = { FreshnessBar };
    static props = { ...standardActionServiceProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.beginRead = makeNewestAnswer();
        this.root = useRef("root");
        this.input = useRef("input");
        this.hasCamera = isBarcodeScannerSupported();
        this.state = useState({
            /** @type {LabelList | null} */
            list: null,
            /** @type {Object[] | null} orders to choose among */
            orders: null,
            /** @type {{ isRight: boolean, title: string, action: string, key: string } | null} the last scan */
            said: null,
            /** @type {string} what does not concern a scan */
            error: "",
            problems: [],
            /** @type {Object[]} the last right scans of this page, newest first */
            recent: [],
            unsent: 0,
            isKept: true,
            sendError: "",
            isBusy: false,
            isOpening: false,
            /** So many scans wait for their order. */
            kept: 0,
        });
        useSetupAction();
        const { freshness, noteRead, noteFailure, readSoon } = useLive({
            concerns: ({ jobs }) => jobs?.some((id) => this.state.list?.jobs.includes(id)),
            read: () => this.read(),
            saysSessionExpired: true,
        });
        const choice = useOrderChoice(this.state, {
            openOrder: (order) => this.openOrder(order),
            readSoon,
            scan: (code) => this.scan(code),
        });
        Object.assign(this, { freshness, noteFailure, readSoon, ...choice });
        const { order_id, job_id } = this.props.action.params || {};
        this.subject = order_id || job_id ? { order_id, job_id } : readSubject();
        this.queue = new ScanQueue((scans) => this.send(scans), {
            onAnswer: (scan, answer) => this.onAnswer(scan, answer),
            onSent: (error) => this.onSent(error),
        });
        this.noteUnsent();
        onWillStart(async () => {
            try {
                await withinTime(this.read());
                noteRead();
            } catch (error) {
                noteFailure(error);
                this.noteError(error);
                // Until Odoo answers, what is scanned are boxes of the order that this page was opened with.
                this.state.isOpening = Boolean(this.subject);
                readSoon();
            }
        });
        useBus(useService("barcode").bus, "barcode_scanned", ({ detail }) =>
            this.onCode(detail.barcode)
        );
        useExternalListener(window, "online", () => this.queue.flush());
        // What a scanner types goes to the barcode service, unless an input has the focus.
        useEffect(
            () => this.root.el?.focus({ preventScroll: true }),
            () => [this.state.list?.order, Boolean(this.state.orders)]
        );
        this.queue.flush();
        onWillUnmount(() => this.queue.stop());
    }

    async read() {
        if (!this.subject) {
            return;
        }
        const { order_id, job_id } = this.subject;
        const isNewest = this.beginRead();
        let page, answered;
        // What is answered while the list is read may be in it or not: then it is read once more.
        for (
            let turn = 0;
            turn < MOST_TURNS && (!page || answered !== this.queue.answered);
            turn++
        ) {
            await this.queue.sending;
            answered = this.queue.answered;
            page = await this.orm.silent.call("label.print.scan", "get_labels", [], {
                order_id: order_id || false,
                job_id: job_id || false,
            });
            await this.queue.sending;
        }
        if (!this.subject || !isSame(this.subject, { order_id, job_id }) || !isNewest()) {
            return { hasRead: false };
        }
        if (answered !== this.queue.answered) {
            // Somebody scans faster than the list is read: what is shown has all answers, the list that was read has not.
            this.readSoon();
            if (this.state.list && isSame(this.state.list, this.subject)) {
                return { hasRead: false };
            }
        }
        this.page = page;
        this.show();
    }

    /** Show the list as the server knows it, with what this device has scanned since and could not send yet. */
    show() {
        const list = new LabelList(this.page);
        this.subject = { order_id: list.order_id, job_id: list.job_id };
        keepSubject(this.subject);
        for (const scan of this.queue.scans.filter((scan) => isSame(scan, list))) {
            if (scan.undo) {
                list.takeBack(scan);
            } else {
                list.scan(cleanCode(scan.code), user.name);
            }
        }
        this.state.list = list;
        this.onOpened();
    }

    noteUnsent() {
        Object.assign(this.state, { unsent: this.queue.scans.length, isKept: this.queue.isKept });
    }

    /** What Odoo says in words; that it does not answer is said by the bar, and by what is not yet sent. */
    noteError(error) {
        if (isSaidByBar(error)) {
            return;
        }
        this.state.error = describeError(error);
        if (error.exceptionName?.startsWith("odoo.exceptions.") && !this.state.list) {
            this.subject = null; // deleted, or not for this reader: another one is chosen
            keepSubject(null);
        }
    }

    send(scans) {
        return withinTime(this.orm.silent.call("label.print.scan", "check", [scans]));
    }

    onSent(error) {
        this.noteUnsent();
        if (error) {
            this.noteFailure(error);
            this.state.sendError = isSaidByBar(error) ? "" : describeError(error);
        } else {
            this.state.sendError = "";
            if (this.state.list) {
                this.show();
            }
            if (this.freshness.problem) {
                this.readSoon();
            }
        }
    }

    scan(code) {
        const { list } = this.state;
        const text = cleanCode(code);
        const verdict = list.scan(text, user.name);
        const scan = this.queue.add({
            order_id: list.order_id,
            job_id: list.job_id,
            order: list.order,
            code: String(code ?? "").slice(0, LONGEST_CODE + 10),
            verdict: verdict.kind,
        });
        const said = { ...describeScan(verdict, { code: text, list }), key: scan.key };
        this.say(said);
        if (said.isRight) {
            const { place, before } = verdict;
            const done = { key: scan.key, name: said.title, code: scan.code, place, before };
            this.state.recent = [done, ...this.state.recent].slice(0, MOST_RECENT);
        }
        this.noteUnsent();
    }

    /** A wrong box was scanned: say so, as one more scan, which is sent behind the first. */
    takeBack({ key: undo, name, code, place, before }) {
        const { list } = this.state;
        list.takeBack({ place, before });
        const { order_id, job_id, order } = list;
        const facts = { order_id, job_id, order, code, undo, place, before, verdict: "undone" };
        const scan = this.queue.add(facts);
        this.dropRecent(undo);
        this.say({ isRight: true, ...describeVerdict("undone", { name }), key: scan.key });
        this.noteUnsent();
    }

    get keptWords() {
        return describeKept(this.state.kept);
    }

    undoWords({ name }) {
        return _t("Undo: %(name)s", { name });
    }

    dropRecent(key) {
        this.state.recent = this.state.recent.filter((done) => done.key !== key);
    }

    say(said) {
        this.state.said = said;
        this.state.error = "";
        playVerdict(said.isRight);
        if (!said.isRight) {
            this.state.problems = [said, ...this.state.problems].slice(0, MOST_PROBLEMS);
        }
    }

    /** What the server says of a scan counts. It is said again only where it is not what the page has said. */
    onAnswer(scan, answer) {
        const { list, said } = this.state;
        const isCurrent = list && isSame(scan, list);
        const place = answer.label === false ? null : answer.label;
        const { verdict: kind, count } = answer;
        if (isCurrent && kind === "checked") {
            this.page.labels[place]?.splice(3, 4, "checked", answer.who, answer.when, true);
        } else if (isCurrent && kind === "undone" && answer.state) {
            this.page.labels[place]?.splice(3, 4, answer.state, "", false, false);
        } else if (kind === "undone") {
            this.readSoon();
        }
        const told = { ...answer, code: cleanCode(scan.code), list: isCurrent ? list : null };
        const words = { ...describeScan({ kind, place, count }, told), key: scan.key };
        if (kind !== scan.verdict) {
            // The list here was old: somebody else has scanned, printed or destroyed meanwhile.
            this.dropProblem(scan.key);
            this.dropRecent(scan.key);
            const title =
                kind === "checked"
                    ? _t("Right after all: %(name)s", { name: words.title })
                    : words.title;
            this.say({
                ...words,
                title: isCurrent
                    ? title
                    : _t("%(name)s: %(problem)s", { name: scan.order, problem: title }),
            });
            this.readSoon();
        } else if (answer.of) {
            for (const known of [said, ...this.state.problems].filter(
                (one) => one?.key === scan.key
            )) {
                Object.assign(known, { title: words.title, action: words.action });
            }
        }
        this.noteUnsent();
    }

    dropProblem(key) {
        this.state.problems = this.state.problems.filter((problem) => problem.key !== key);
    }

    forgetProblems() {
        this.state.problems = [];
    }

    async submitText() {
        // A scanner that types into the field is faster than the page is drawn: not by `t-model`.
        const { value } = this.input.el;
        this.input.el.value = "";
        // A scanner that ends a code with two characters presses Enter twice.
        if (cleanCode(value)) {
            await this.onCode(value);
        }
    }

    async openOrder({ order_id, job_id }) {
        const opening = (this.opening = {});
        this.subject = { order_id, job_id };
        Object.assign(this.state, { problems: [], recent: [] });
        await this.read();
        if (this.opening === opening) {
            this.state.orders = null;
        }
    }

    chooseAnother() {
        this.subject = null;
        this.opening = null;
        this.leaveOrders();
        keepSubject(null);
        Object.assign(this.state, {
            list: null,
            said: null,
            error: "",
            problems: [],
            recent: [],
        });
    }

    async openCamera() {
        try {
            const code = await scanBarcode(this.env);
            if (code) {
                await this.onCode(code);
            }
        } catch (error) {
            this.state.error = describeError(error);
        }
    }

    onKeydown(ev) {
        if (ev.key === "Escape" && this.state.orders) {
            this.leaveOrders();
        }
    }

    /** A touched button does not keep the focus: a space in a scanned code would press it again. */
    onClick(ev) {
        if (ev.pointerType === "touch") {
            ev.target.closest("button")?.blur();
        }
    }

    get progress() {
        return describeProgress(this.state.list);
    }

    get missing() {
        return describeMissing(this.state.list);
    }

    get unsentWords() {
        return _t("Not yet sent: %(count)s", { count: formatInteger(this.state.unsent) });
    }

    leave() {
        if (this.env.config?.breadcrumbs?.length > 1) {
            return this.env.config.historyBack();
        }
        return this.action.doAction("label_print_monitor.action_label_print_overview", {
            clearBreadcrumbs: true,
        });
    }
}

registry.category("actions").add("label_print_monitor.scan_check", ScanCheck);
