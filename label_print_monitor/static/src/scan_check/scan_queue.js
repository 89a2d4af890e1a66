import { browser } from "@web/core/browser/browser";
import { session } from "@web/session";
import { user } from "@web/core/user";

/** So many scans are sent at once, as the server takes them. */
export const BATCH = 100;
/** When a batch that did not arrive is sent again, in milliseconds. */
export const SEND_AGAIN_AFTER = 5_000;

/** Of one database and one person: whoever logs in next on this device sends only scans of their own. */
export const getPrefix = () => `label_print_monitor.scan.${session.db}.${user.userId}.`;

let lastNumber = 0;

/** A number of a scan that no other device makes, also where pages are not served by https. */
function makeKey() {
    lastNumber += 1;
    const random = browser.crypto?.getRandomValues?.(new Uint32Array(2)) || [
        Math.random() * 2 ** 32,
    ];
    const parts = [Date.now(), lastNumber, ...random];
    return parts.map((part) => Math.floor(part).toString(36)).join("-");
}

/**
 * The scans that have not arrived at the server yet.
 *
 * Each is kept by the browser under a key of its own, so that a reload loses none and a second tab overwrites none. It is
 * sent again until the server has answered; the server counts each number once.
 */
export class ScanQueue {
    /**
     * @param {(scans: Object[]) => Promise<Object[]>} send returns the server's answers
     * @param {Object} reactions
     * @param {(scan: Object, answer: Object) => void} reactions.onAnswer
     * @param {(error: Error | null) => void} reactions.onSent what came of a batch
     */
    constructor(send, { onAnswer, onSent }) {
        Object.assign(this, { send, onAnswer, onSent });
        /** Whether this browser keeps scans; it may be forbidden, or full. */
        this.isKept = true;
        this.timer = null;
        /** @type {Promise<void> | null} while a batch is under way */
        this.sending = null;
        /** How many batches have been answered. */
        this.answered = 0;
        this.isStopped = false;
        this.scans = this._readKept();
    }

    _readKept() {
        const prefix = getPrefix();
        const scans = [];
        try {
            const { localStorage } = browser;
            const names = Array.from({ length: localStorage.length }, (_, i) =>
                localStorage.key(i)
            );
            for (const name of names.filter((name) => name?.startsWith(prefix))) {
                try {
                    scans.push(JSON.parse(localStorage.getItem(name)));
                } catch {
                    localStorage.removeItem(name); // no scan: somebody else has written it
                }
            }
        } catch {
            this.isKept = false;
        }
        return scans.filter((scan) => scan?.key).sort((one, other) => one.at - other.at);
    }

    /** @param {{ order_id, job_id, code, verdict, undo }} scan with what the page has said of it; `undo`: the key of the scan that
     *      it takes back */
    add(scan) {
        const kept = { ...scan, key: makeKey(), at: Date.now() };
        this.scans.push(kept);
        try {
            browser.localStorage.setItem(getPrefix() + kept.key, JSON.stringify(kept));
        } catch {
            this.isKept = false;
        }
        this.flush();
        return kept;
    }

    _forget(scan) {
        this.scans = this.scans.filter(({ key }) => key !== scan.key);
        try {
            browser.localStorage.removeItem(getPrefix() + scan.key);
        } catch {
            this.isKept = false;
        }
    }

    /** Send what is there, batch by batch; what does not arrive is sent again. */
    flush() {
        if (!this.sending && !this.isStopped && this.scans.length) {
            browser.clearTimeout(this.timer);
            this.sending = this._sendBatch().then((problem) => {
                this.sending = null;
                if (this.isStopped) {
                    return;
                }
                this.onSent(problem);
                if (problem) {
                    this.timer = browser.setTimeout(() => this.flush(), SEND_AGAIN_AFTER);
                } else {
                    this.flush();
                }
            });
        }
    }

    /** @returns {Promise<Error | null>} why it did not arrive */
    async _sendBatch() {
        const batch = this.scans.slice(0, BATCH);
        let answers;
        try {
            answers = await this.send(
                batch.map(({ key, order_id, job_id, code, at, undo }) => ({
                    key,
                    order_id,
                    job_id,
                    code,
                    age: Math.max(0, (Date.now() - at) / 1000),
                    ...(undo && { undo }),
                }))
            );
        } catch (error) {
            return error;
        }
        if (!Array.isArray(answers) || !answers.some(({ key }) => key === batch[0].key)) {
            return new Error("no answer about what was sent");
        }
        this.answered += 1;
        const byKey = Object.fromEntries(answers.map((answer) => [answer.key, answer]));
        for (const scan of batch.filter(({ key }) => byKey[key])) {
            this._forget(scan);
            this.onAnswer(scan, byKey[scan.key]);
        }
        return null;
    }

    stop() {
        this.isStopped = true;
        browser.clearTimeout(this.timer);
    }
}
