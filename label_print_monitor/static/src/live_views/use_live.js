import { onMounted, onWillDestroy, useExternalListener, useState } from "@odoo/owl";
import { ConnectionLostError } from "@web/core/network/rpc";
import { useService } from "@web/core/utils/hooks";
import { ChangeGate, EVERYTHING } from "./change_gate";

/**
 * Keep a component's data true while it is on screen.
 *
 * Listening starts before the first read and is let through once mounted, so that no change falls between the two.
 * A tab that nobody sees reads nothing; it catches up when it is looked at again.
 *
 * @param {Object} params
 * @param {(changes: Object) => boolean} params.concerns whether the changes can touch what is shown
 * @param {(changes: Object) => Promise<void>} params.read reads again
 * @returns {{ updatedAt: number, hasFailed: boolean }} for the freshness bar
 */
export function useLive({ concerns, read }) {
    const live = useService("label_print_live");
    const freshness = useState({ updatedAt: Date.now(), hasFailed: false });

    const gate = new ChangeGate(async (changes) => {
        try {
            await read(changes);
            freshness.updatedAt = Date.now();
            freshness.hasFailed = false;
        } catch (error) {
            // A background read must not open a dialog. The bar says that what is shown is old; the next change,
            // reconnection or look at the tab reads again.
            freshness.hasFailed = true;
            if (!(error instanceof ConnectionLostError)) {
                console.warn("label_print_monitor: live update failed:", error.message);
            }
        }
    });

    const stopListening = live.listen((changes) => {
        if (changes.everything || concerns(changes)) {
            gate.push(changes);
        }
    });

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
    onWillDestroy(() => {
        stopListening();
        gate.stop();
    });

    return freshness;
}
