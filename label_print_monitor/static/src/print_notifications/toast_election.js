import { browser } from "@web/core/browser/browser";
import { user } from "@web/core/user";
import { session } from "@web/session";

/** What one person was shown in one database: a line's tablet is used by many, a browser for more than one Odoo. */
export const getStorageKey = () => `label_print_monitor.toasts_shown.${session.db}.${user.userId}`;

const REMEMBERED = 200;

/** How long a tab holds the claim, and so how late another tab may still be told of the same outcome, in milliseconds. */
const HOLD_CLAIM = 15_000;

/** Time for two tabs without locks to see each other's claim, in milliseconds. */
const SETTLE = 80;

const wait = (delay) => new Promise((resolve) => browser.setTimeout(resolve, delay));

function readShown() {
    try {
        return JSON.parse(browser.localStorage.getItem(getStorageKey())) || [];
    } catch {
        return [];
    }
}

/** @returns {string | undefined} the tab that showed it */
function shownBy(key) {
    return readShown().find(([shown]) => shown === key)?.[1];
}

function writeShown(key, tab) {
    try {
        const others = readShown().filter(([shown]) => shown !== key);
        const entries = [...others, [key, tab]].slice(-REMEMBERED);
        browser.localStorage.setItem(getStorageKey(), JSON.stringify(entries));
    } catch {
        // Storage is full or forbidden: better two toasts than none.
    }
}

/**
 * Hold a lock for a while, if nobody else does.
 *
 * @returns {Promise<boolean>} whether this tab got it
 */
function takeLock(locks, key) {
    return new Promise((resolve) => {
        locks
            .request(`${getStorageKey()}:${key}`, { ifAvailable: true }, (lock) => {
                resolve(Boolean(lock));
                return lock && wait(HOLD_CLAIM);
            })
            .catch(() => resolve(true));
    });
}

/**
 * Toasts that wait until somebody looks at this tab.
 *
 * @type {Set<{ key: string, isWanted: () => boolean, resolve: (isSeen: boolean) => void }>}
 */
const unseen = new Set();

/** Let go those that another tab has shown or that nobody wants any more, and all of them once this tab is looked at. */
function sortUnseen() {
    const shown = new Set(readShown().map(([key]) => key));
    for (const toast of [...unseen]) {
        const isOpen = !shown.has(toast.key) && toast.isWanted();
        if (!isOpen || !document.hidden) {
            unseen.delete(toast);
            toast.resolve(isOpen);
        }
    }
    if (!unseen.size) {
        document.removeEventListener("visibilitychange", sortUnseen);
        browser.removeEventListener("storage", onStorage);
    }
}

/** Another tab has shown one: it says so for a while only, and this tab may stay unseen for days. */
function onStorage({ key }) {
    if (key === getStorageKey()) {
        sortUnseen();
    }
}

/** @returns {Promise<boolean>} once somebody looks at this tab: true; false as soon as there is nothing to show here */
async function untilSeen(key, isWanted) {
    if (!document.hidden) {
        return true;
    }
    if (!unseen.size) {
        document.addEventListener("visibilitychange", sortUnseen);
        browser.addEventListener("storage", onStorage);
    }
    return new Promise((resolve) => {
        unseen.add({ key, isWanted, resolve });
        sortUnseen();
    });
}

/**
 * Decide whether this tab shows a toast that every tab of the browser has heard of. Exactly one does: the first that
 * is looked at. Never none of those that are still wanted then: whatever goes wrong here shows the toast.
 *
 * The browser's locks decide where they exist (https, localhost). On plain http the last tab to write its claim wins.
 *
 * @param {string} key names the outcome, the same in every tab
 * @param {string} tab names this tab
 * @param {() => boolean} [isWanted] whether it is still worth to be shown, asked while nobody looks at this tab
 * @returns {Promise<boolean>}
 */
export async function claimToast(key, tab, isWanted = () => true) {
    if (shownBy(key) || !(await untilSeen(key, isWanted)) || shownBy(key)) {
        return false;
    }
    const { locks } = browser.navigator;
    if (locks) {
        if (!(await takeLock(locks, key)) || shownBy(key)) {
            return false;
        }
        writeShown(key, tab);
        return true;
    }
    writeShown(key, tab);
    await wait(SETTLE);
    return (shownBy(key) ?? tab) === tab;
}
