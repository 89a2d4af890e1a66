import { onMounted, onWillUnmount, useExternalListener } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";

/** Keep the screen from going dark while the component is shown, where the browser can do that (https, localhost). */
export function useAwake() {
    let lock = null;

    async function take() {
        if (document.hidden) {
            return;
        }
        try {
            lock = (await browser.navigator.wakeLock?.request("screen")) || null;
        } catch {
            lock = null; // a battery that is low, or a browser that does not allow it
        }
    }

    // A browser takes the lock away from a page that is hidden.
    useExternalListener(document, "visibilitychange", take);
    onMounted(take);
    onWillUnmount(() => lock?.release());
}
