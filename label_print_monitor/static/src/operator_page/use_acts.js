import { useService } from "@web/core/utils/hooks";
import { describeError } from "../live_views/error_words";
import { NoAnswerError, withinTime } from "../live_views/use_live";

/** An action that takes longer than this counts as failed, in milliseconds: a cancel waits for the print server. */
export const LONGEST_ACT = 60_000;

/**
 * What is asked, done and said on the operator's page: one question and one act at a time.
 *
 * @typedef {string | Object | false | void} Outcome words for the page, or what a method of the server returned
 *
 * @param {{ panel: Object | null, said: Object | null, isBusy: boolean }} state of the page, reactive
 * @param {() => void} onEnd called when something was done, well or not
 */
export function useActs(state, onEnd) {
    const action = useService("action");
    /** @type {(() => Promise<Outcome>) | null} what was scanned last while something was done */
    let next = null;

    function say(text, isError = false) {
        state.said = { isError, text };
    }

    /** @param {Object | null} panel the question that is asked from now on */
    function ask(panel) {
        Object.assign(state, { panel, said: null });
    }

    /** Leave a question that was answered, but not one that is asked by now in its place. */
    function leavePanel(panel) {
        if (state.panel === panel) {
            ask(null);
        }
    }

    /** @param {Outcome} outcome @param {boolean} isLate when it opens no dialog any more */
    async function tell(outcome, isLate = false) {
        if (outcome?.tag === "display_notification") {
            const { title, message, type } = outcome.params;
            say(message || title, type === "danger");
        } else if (typeof outcome === "string") {
            say(outcome);
        } else if (outcome && !isLate) {
            await action.doAction(outcome, { onClose: onEnd });
        }
    }

    /** What was given up takes the place of the words that said so; whoever has gone on is not disturbed. */
    async function tellLate(doing) {
        const { said } = state;
        let tellIt;
        try {
            const outcome = await doing;
            tellIt = () => tell(outcome, true);
        } catch (error) {
            tellIt = () => say(describeError(error), true);
        }
        if (!state.said || state.said === said) {
            await tellIt();
        }
    }

    /**
     * Do one thing at a time, and say on the page what came of it: gloves and impatience touch twice.
     *
     * @param {(open: (panel: Object | null) => boolean) => Promise<Outcome>} doIt asks the next question by `open`, which
     *   does nothing and returns false once nobody waits for it any more
     */
    async function act(doIt) {
        if (state.isBusy) {
            return;
        }
        Object.assign(state, { isBusy: true, said: null });
        let isAwaited = true;
        const doing = doIt((panel) => {
            if (isAwaited) {
                ask(panel);
            }
            return isAwaited;
        });
        try {
            await tell(await withinTime(doing, LONGEST_ACT));
        } catch (error) {
            say(describeError(error), true);
            if (error instanceof NoAnswerError) {
                tellLate(doing);
            }
        } finally {
            isAwaited = false;
            state.isBusy = false;
            onEnd();
        }
        if (next) {
            const [scanned, { said }] = [next, state];
            next = null;
            await act(scanned);
            state.said ||= said; // nobody has had the time to read it
        }
    }

    return {
        act,
        ask,
        leavePanel,
        /** Nobody sees whether the page is ready before they scan: what is scanned while it is not is done next. */
        async actOnScan(doIt) {
            if (state.isBusy) {
                next = doIt;
            } else {
                await act(doIt);
            }
        },
        /**
         * Do what the answer to the panel's question says, once: a second touch finds no panel any more.
         *
         * @param {(panel: Object) => Promise<Outcome>} doIt
         */
        async answer(doIt) {
            const { panel } = state;
            if (panel) {
                await act(() => doIt(panel));
            }
        },
    };
}
