import { browser } from "@web/core/browser/browser";

/** Everything may have changed: what a screen is told after a time without messages. */
export const EVERYTHING = Object.freeze({ everything: true });

const KEYS = ["jobs", "printers", "servers", "incidents"];

/**
 * Merge two sets of changed ids. EVERYTHING swallows the rest.
 *
 * @param {Object | null} left
 * @param {Object} right
 */
export function mergeChanges(left, right) {
    if (!left || right.everything) {
        return right;
    }
    if (left.everything) {
        return left;
    }
    const merged = {};
    for (const key of KEYS) {
        merged[key] = [...new Set([...(left[key] || []), ...(right[key] || [])])];
    }
    return merged;
}

/**
 * Turns a stream of "these ids changed" into as few reads as possible.
 *
 * The first change is acted upon at once, because a supervisor who watches one job wants to see it move. What follows
 * is gathered for a pause and read together, and never while a read is still under way. The pause grows with the time
 * that a read takes, so that fifty browsers do not push a busy server further down.
 */
export class ChangeGate {
    /**
     * @param {(changes: Object) => Promise<void>} run reads what changed. If it throws, everything is read again after a
     *   pause that grows from failure to failure
     * @param {{ pause?: number, longestPause?: number, longestRetry?: number }} [options] in milliseconds
     */
    constructor(run, { pause = 300, longestPause = 5000, longestRetry = 30_000 } = {}) {
        this.run = run;
        this.pause = pause;
        this.longestPause = longestPause;
        this.longestRetry = longestRetry;
        this.failures = 0;
        this.gathered = null;
        this.isOpen = false;
        this.isRunning = false;
        this.timer = null;
        this.isStopped = false;
    }

    /** Let changes through, and act upon those that came while the gate was closed. */
    open() {
        this.isOpen = true;
        this._next();
    }

    /** Keep changes back: the screen is not mounted yet, or nobody sees it. */
    close() {
        this.isOpen = false;
    }

    /** @param {Object} changes */
    push(changes) {
        this.gathered = mergeChanges(this.gathered, changes);
        if (changes.everything && this.failures) {
            // Whoever says so has a reason to believe that a read works again.
            browser.clearTimeout(this.timer);
            this.timer = null;
        }
        this._next();
    }

    /** Forget everything and never run again. */
    stop() {
        this.isStopped = true;
        this.gathered = null;
        browser.clearTimeout(this.timer);
    }

    async _next() {
        if (!this.gathered || !this.isOpen || this.isRunning || this.timer || this.isStopped) {
            return;
        }
        const changes = this.gathered;
        this.gathered = null;
        this.isRunning = true;
        const startedAt = Date.now();
        let pause;
        try {
            await this.run(changes);
            this.failures = 0;
            pause = Math.min(Math.max(this.pause, 2 * (Date.now() - startedAt)), this.longestPause);
        } catch {
            // Which of the changes are on the screen is not known.
            this.failures++;
            this.gathered = EVERYTHING;
            pause = Math.min(1000 * 2 ** this.failures, this.longestRetry);
        }
        this.isRunning = false;
        if (!this.isStopped) {
            this.timer = browser.setTimeout(() => {
                this.timer = null;
                this._next();
            }, pause);
        }
    }
}
