import { onMounted, onWillDestroy, useExternalListener, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { ConnectionLostError } from "@web/core/network/rpc";
import { useService } from "@web/core/utils/hooks";
import { ChangeGate, EVERYTHING } from "./change_gate";
import { ProgressGate, splitProgress } from "./progress";
import { isSessionExpired, sayExpiredSession } from "./session_expired";

/** A read that takes longer than this counts as failed, in milliseconds: nobody waits for it with a green sign. */
export const LONGEST_READ = 15_000;

export class NoAnswerError extends Error {}

/**
 * @template T
 * @param {Promise<T>} promise
 * @param {number} [limit] in milliseconds
 * @returns {Promise<T>} rejects with a NoAnswerError when the promise takes too long
 */
export function withinTime(promise, limit = LONGEST_READ) {
    let timer;
    const late = new Promise((resolve, reject) => {
        timer = browser.setTimeout(() => reject(new NoAnswerError()), limit);
    });
    return Promise.race([promise, late]).finally(() => browser.clearTimeout(timer));
}

/**
 * Keep a component's data true while it is on screen.
 *
 * Listening starts before the first read and is let through once mounted, so that no change falls between the two.
 * In a tab that nobody sees nothing is read; it catches up when it is looked at again. The live service goes on asking
 * for the print servers, once a minute, which also has Odoo look for late jobs.
 *
 * @typedef {Object} Outcome what a read came to; nothing at all means that everything was read
 * @property {boolean} [hasRead] false when the server was not asked, so what is shown is as old as before
 * @property {boolean} [isComplete] false when something had to wait, so that nothing moves under somebody's hands
 *
 * @param {Object} params
 * @param {(changes: Object) => boolean} params.concerns whether the changes can touch what is shown
 * @param {(changes: Object) => Promise<Outcome | void>} params.read reads again
 * @param {boolean} [params.saysSessionExpired] whether the screen says itself that its user has to log in, where Odoo's
 *   own dialog would reload a page at which nobody sits; it goes on trying, for another tab may log in
 * @param {{
 *   take: (jobs: import("./progress").Progress[]) => void,
 *   forget: (jobs: number[] | null) => void,
 * }} [params.progress] `take` shows labels that have come out, without a read, which follows some seconds later; `forget`
 *   is told which jobs have changed otherwise, null for any
 * @returns {{
 *   freshness: { updatedAt: number, problem: "connection" | "session" | "other" | null, isWaiting: boolean },
 *   noteRead: () => void,
 *   noteFailure: (error: Error) => void,
 *   readSoon: () => void,
 * }} `freshness` is for the bar; `noteRead` and `noteFailure` tell of a read that was made elsewhere; `readSoon` reads everything
 */
export function useLive({ concerns, read, saysSessionExpired = false, progress }) {
    const live = useService("label_print_live");
    const freshness = useState({ updatedAt: Date.now(), problem: null, isWaiting: false });

    function noteRead() {
        freshness.updatedAt = Date.now();
        freshness.problem = null;
    }

    function noteFailure(error) {
        const isConnection = error instanceof ConnectionLostError || error instanceof NoAnswerError;
        const isExpired = saysSessionExpired && isSessionExpired(error);
        freshness.problem = isConnection ? "connection" : isExpired ? "session" : "other";
        if (!isConnection) {
            console.warn("label_print_monitor: live update failed:", error.message);
        }
    }

    const gate = new ChangeGate(async (changes) => {
        try {
            const { hasRead = true, isComplete = true } = (await withinTime(read(changes))) || {};
            if (hasRead) {
                noteRead();
            }
            freshness.isWaiting = !isComplete;
        } catch (error) {
            // A background read must not open a dialog: the bar says that what is shown is old, and it is tried again.
            noteFailure(error);
            if (isSessionExpired(error) && !saysSessionExpired) {
                // But for this, where only the user can help, by logging in: Odoo's own handler says so.
                gate.stop();
                Promise.reject(error);
                return;
            }
            throw error;
        }
    });

    const progressGate = new ProgressGate((jobs) => take({ jobs }));

    function take(changes) {
        if (changes.everything || concerns(changes)) {
            gate.push(changes);
        }
    }

    const stopListening = live.listen((changes) => {
        if (!progress) {
            take(changes);
            return;
        }
        const { others, progressed } = splitProgress(changes);
        progress.forget(changes.everything ? null : others.jobs || []);
        if (changes.everything) {
            progressGate.clear();
        }
        progressGate.push(progressed);
        take(others);
    }, progress?.take);

    useExternalListener(document, "visibilitychange", () => {
        if (document.hidden) {
            gate.close();
        } else {
            gate.push(EVERYTHING);
            gate.open();
            live.loadServers();
        }
    });

    onMounted(() => {
        if (!document.hidden) {
            gate.open();
        }
    });
    const endSaying = saysSessionExpired ? sayExpiredSession(noteFailure) : () => {};
    onWillDestroy(() => {
        endSaying();
        stopListening();
        progressGate.clear();
        gate.stop();
    });

    return { freshness, noteRead, noteFailure, readSoon: () => gate.push(EVERYTHING) };
}
