import { onMounted, onWillDestroy, useExternalListener, useRef } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";

/** How often a job that prints is asked for its labels while somebody looks at them, in milliseconds. */
export const REFRESH_EVERY = 10_000;

/**
 * Call something when the element comes into sight and every 10 s while it stays there.
 *
 * @param {string} refName of the element to be seen
 * @param {() => Promise<void>} refresh must not fail
 */
export function useAccountRefresh(refName, refresh) {
    const ref = useRef(refName);
    let isOnScreen = false;
    let lastCall = -Infinity;
    let timer = null;
    let observer = null;

    function refreshWhenDue() {
        browser.clearTimeout(timer);
        if (!isOnScreen || document.hidden) {
            return;
        }
        let wait = lastCall + REFRESH_EVERY - Date.now();
        if (wait <= 0) {
            lastCall = Date.now();
            wait = REFRESH_EVERY;
            refresh();
        }
        timer = browser.setTimeout(refreshWhenDue, wait);
    }

    useExternalListener(document, "visibilitychange", refreshWhenDue);

    onMounted(() => {
        observer = new window.IntersectionObserver((entries) => {
            isOnScreen = entries.at(-1).isIntersecting;
            refreshWhenDue();
        });
        observer.observe(ref.el);
    });
    onWillDestroy(() => {
        observer?.disconnect();
        browser.clearTimeout(timer);
    });
}
