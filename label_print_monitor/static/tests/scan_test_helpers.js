/** The server's side of the page that checks by scanning, and what a test does on it. */
import { animationFrame } from "@odoo/hoot-dom";
import { getService, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { browser } from "@web/core/browser/browser";
import { WebClient } from "@web/webclient/webclient";
import { cleanCode, judge } from "@label_print_monitor/scan_check/scan_judge";
import { getPrefix } from "@label_print_monitor/scan_check/scan_queue";

/** Some rules of core's GS1 nomenclature, as the server sends them. */
export const GS1 = {
    is_gs1_nomenclature: true,
    gs1_separator_fnc1: "(Alt029|#|\\x1D)",
    rules: [
        ["(01)(\\d{14})", "identifier"],
        ['(10)([!"%-/0-9:-?A-Z_a-z]{0,20})', "alpha"],
        ['(21)([!"%-/0-9:-?A-Z_a-z]{0,20})', "alpha"],
        ["(17)(\\d{6})", "date"],
    ].map(([pattern, gs1_content_type]) => ({
        pattern,
        gs1_content_type,
        encoding: "gs1-128",
        type: "lot",
    })),
};

export const serials = (count) =>
    Array.from({ length: count }, (_, i) => [0, [`SN-${i + 1}`], i + 1, "printed", "", false]);

/** A server that keeps what is checked, and counts each number once, as label.print.scan does. */
export class Server {
    constructor(labels = serials(4)) {
        this.labels = labels;
        this.answers = {};
        this.isAway = false;
        this.losesAnswer = false;
        this.calls = 0;
        this.undone = 0;
        /** @type {(() => Promise<void>) | null} what happens between the reading of a list and its arrival */
        this.whileRead = null;
        onRpc("label.print.scan", "get_labels", async () => {
            const page = this.answer(() => this.page());
            await this.whileRead?.();
            return page;
        });
        onRpc("label.print.scan", "check", ({ args: [scans] }) =>
            this.answer(() => scans.map((scan) => this.check(scan)))
        );
        onRpc("label.print.scan", "find_orders", () => [
            { order_id: 7, job_id: false, order: "WH/MO/00007", product: "Soup", lot: "SN-1" },
        ]);
    }

    answer(doIt) {
        if (this.error) {
            throw this.error;
        }
        if (this.isAway) {
            return new Response("", { status: 502 });
        }
        const answer = doIt();
        if (this.losesAnswer) {
            return new Response("", { status: 502 });
        }
        return answer;
    }

    page() {
        return {
            order_id: 7,
            job_id: false,
            order: "WH/MO/00007",
            product: "Soup",
            products: [[1, "Soup", ["04012345123456"]]],
            labels: structuredClone(this.labels),
            jobs: [9],
            gs1: GS1,
        };
    }

    check({ key, code, undo }) {
        if (undo && !this.answers[key]) {
            const { label } = this.answers[undo] || {};
            const isDone = this.labels[label]?.[3] === "checked";
            if (isDone) {
                this.labels[label].splice(3, 4, "printed", "", false, false);
                this.undone += 1;
            }
            this.answers[key] = {
                key,
                verdict: isDone ? "undone" : "not_undone",
                label: label ?? false,
                count: 0,
                who: "",
                when: false,
                of: "",
                state: this.labels[label]?.[3] || "",
            };
        }
        if (!this.answers[key]) {
            const places = this.labels.flatMap(([, lots], i) => (lots.includes(code) ? [i] : []));
            const place = places.find((i) => this.labels[i][3] === "printed") ?? places[0];
            const known = this.page().labels.map(([, lots, , state]) => ({
                barcodes: ["04012345123456"],
                lots,
                state,
            }));
            const { kind } = judge(known, cleanCode(code), GS1);
            if (kind === "checked") {
                const checked = ["checked", "Mitchell Admin", "2026-11-26 10:00:00", true];
                this.labels[place].splice(3, 4, ...checked);
                this.calls += 1;
            }
            const of = code === "OTHER" ? "WH/MO/00008" : "";
            this.answers[key] = {
                key,
                verdict: kind,
                label: place ?? false,
                count: places.length,
                who: this.labels[place]?.[4] || "",
                when: this.labels[place]?.[5] || false,
                is_own: this.labels[place]?.[6] || false,
                of,
            };
        }
        return this.answers[key];
    }
}

export const settle = async () => {
    for (let frame = 0; frame < 6; frame++) {
        await animationFrame();
    }
};

export const scan = async (...codes) => {
    for (const barcode of codes) {
        getService("barcode").bus.trigger("barcode_scanned", { barcode, target: document.body });
    }
    await settle();
};

export async function openPage(params = { order_id: 7, job_id: false }) {
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "label_print_monitor.scan_check",
        target: "fullscreen",
        params,
    });
    await settle();
}

export async function mountPage(params) {
    await mountWithCleanup(WebClient);
    await openPage(params);
}

export const keptKeys = () => {
    const { localStorage } = browser;
    return Array.from({ length: localStorage.length }, (_, i) => localStorage.key(i)).filter(
        (name) => name.startsWith(getPrefix())
    );
};
