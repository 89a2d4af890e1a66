import { useService } from "@web/core/utils/hooks";
import { describeError } from "../live_views/error_words";
import { withinTime } from "../live_views/use_live";
import { cleanCode } from "./scan_judge";

/**
 * The question whose boxes are checked: an order is looked for and opened, one thing at a time.
 *
 * What is scanned meanwhile is kept, for nobody looks at the page before they scan the next box. They are boxes of the
 * order that opens; where none was found, the last one is looked for.
 *
 * @param {{ list: Object | null, orders: Object[] | null, isBusy: boolean, error: string, said: Object | null }} state of
 *   the page, reactive
 * @param {Object} page
 * @param {(order: Object) => Promise<void>} page.openOrder
 * @param {(code: string) => void} page.scan a box of the order that is open
 */
export function useOrderChoice(state, { openOrder, scan }) {
    const orm = useService("orm");
    /** @type {string[]} */
    let kept = [];

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
        } finally {
            isAwaited = false;
            state.isBusy = false;
        }
        // Of several orders one is chosen first.
        if (kept.length && !state.orders) {
            await takeKept();
        }
    }

    async function takeKept() {
        const codes = kept;
        kept = [];
        if (state.list) {
            codes.forEach(scan);
        } else {
            await find(codes.at(-1));
        }
    }

    function find(text) {
        return act(async (isAwaited) => {
            const orders = await orm.call("label.print.scan", "find_orders", [cleanCode(text)]);
            if (!isAwaited()) {
                return; // another one may be open by now
            }
            if (orders.length === 1) {
                await openOrder(orders[0]);
            } else {
                state.orders = orders;
            }
        });
    }

    return {
        /** @param {string} code as it was scanned or typed */
        onCode(code) {
            if (state.isBusy) {
                kept.push(code);
                return;
            }
            return state.list ? scan(code) : find(code);
        },
        chooseOrder: (order) => act(() => openOrder(order)),
        leaveOrders() {
            state.orders = null;
            kept = [];
        },
    };
}
