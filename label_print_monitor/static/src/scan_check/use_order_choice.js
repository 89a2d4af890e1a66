import { ConnectionLostError } from "@web/core/network/rpc";
import { useService } from "@web/core/utils/hooks";
import { describeError } from "../live_views/error_words";
import { NoAnswerError, withinTime } from "../live_views/use_live";
import { cleanCode } from "./scan_judge";
import { describeUnchecked } from "./scan_words";

/**
 * The question whose boxes are checked: an order is looked for and opened, one thing at a time.
 *
 * What is scanned meanwhile is kept, for nobody looks at the page before they scan the next box. They are boxes of the
 * order that opens, however late; where none was found, the last one is looked for, and the others are named.
 *
 * @param {{ list: Object | null, orders: Object[] | null, isBusy: boolean, isOpening: boolean, kept: number,
 *   error: string, said: Object | null }} state of the page, reactive
 * @param {Object} page
 * @param {(order: Object) => Promise<void>} page.openOrder
 * @param {() => void} page.readSoon reads the order that was to be opened, until Odoo answers
 * @param {(code: string) => void} page.scan a box of the order that is open
 */
export function useOrderChoice(state, { openOrder, readSoon, scan }) {
    const orm = useService("orm");
    /** @type {string[]} */
    let kept = [];

    /** @param {string[]} codes */
    function keep(codes) {
        kept = codes;
        state.kept = codes.length;
    }

    function takeKept() {
        const codes = kept;
        keep([]);
        return codes;
    }

    /** @param {(isAwaited: () => boolean) => Promise<void>} doIt `isAwaited` is false once it has taken too long */
    async function act(doIt) {
        if (state.isBusy) {
            return;
        }
        Object.assign(state, { isBusy: true, error: "", said: null });
        let isAwaited = true;
        try {
            await withinTime(doIt(() => isAwaited));
        } catch (error) {
            state.error = describeError(error);
            const isLate = error instanceof NoAnswerError || error instanceof ConnectionLostError;
            if (state.isOpening && isLate) {
                readSoon();
            } else {
                state.isOpening = false;
            }
        } finally {
            isAwaited = false;
            state.isBusy = false;
        }
        // Of several orders one is chosen first, and one that is on its way opens.
        if (kept.length && !state.orders && !state.isOpening && !state.list) {
            const codes = takeKept();
            await find(codes.at(-1));
            if (codes.length > 1) {
                const unchecked = describeUnchecked(codes.slice(0, -1));
                state.error = state.error ? `${state.error} ${unchecked}` : unchecked;
            }
        }
    }

    function open(order) {
        state.isOpening = true;
        return openOrder(order);
    }

    function find(text) {
        return act(async (isAwaited) => {
            const orders = await orm.call("label.print.scan", "find_orders", [cleanCode(text)]);
            if (!isAwaited()) {
                return; // another one may be open by now
            }
            if (orders.length === 1) {
                await open(orders[0]);
            } else {
                state.orders = orders;
            }
        });
    }

    return {
        /** @param {string} code as it was scanned or typed */
        onCode(code) {
            if (state.isBusy || (state.isOpening && !state.list)) {
                keep([...kept, code]);
                return;
            }
            return state.list ? scan(code) : find(code);
        },
        chooseOrder: (order) => act(() => open(order)),
        /** The list of the order that was to be opened is there, by whoever read it. */
        onOpened() {
            if (state.isOpening) {
                Object.assign(state, { isOpening: false, orders: null, error: "" });
                takeKept().forEach(scan);
            }
        },
        leaveOrders() {
            Object.assign(state, { orders: null, isOpening: false });
            keep([]);
        },
    };
}
