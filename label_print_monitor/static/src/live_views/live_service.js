import { WORKER_STATE } from "@bus/workers/websocket_worker";
import { reactive } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { EVERYTHING } from "./change_gate";
import { parseProgress, PROGRESS } from "./progress";

export const CHANNEL = "label_print_monitor";
export const CHANGED = "label_print_monitor/changed";

/** How often a screen reads again by itself while the websocket is away, in milliseconds. */
export const READ_ANYWAY_EVERY = 20_000;

/**
 * How often a screen reads again by itself while all is well, in milliseconds. Changes come by the bus; what only the
 * clock moves does not: midnight, the time left, when a printer was last seen, a poller that has stopped.
 */
export const READ_BY_THE_CLOCK_EVERY = 60_000;

/** A connection that is back within this time was never worth a word, in milliseconds. */
export const AWAY_AFTER = 2_000;

/**
 * When a page that is connected again asks for the print servers a second time, in milliseconds. Odoo may have been
 * started anew, its scheduled actions a minute away: this question wakes them, once jobs are 10 s late (`LATE`).
 */
export const ASK_AGAIN_AFTER = 12_000;

/**
 * One subscription to the bus for all live screens of a tab.
 *
 * It listens while at least one screen is live, knows whether the websocket is there, keeps the state
 * of the print servers, and tells all screens to catch up after the websocket was away.
 */
export const liveService = {
    dependencies: ["bus_service", "orm"],

    start(env, { bus_service: bus, orm }) {
        const listeners = new Set();
        const progressListeners = new Set();
        const state = reactive({
            isConnected: true,
            /** @type {number | null} milliseconds since 1970 */
            awaySince: null,
            /** @type {{ id, name, active, state, state_since, state_message, last_contact, failure_count, is_followed }[]} */
            servers: [],
        });
        const newestServers = new KeepLast();
        let goneAt = null;
        let awayTimer = null;
        let readTimer = null;
        let clock = null;
        let secondQuestion = null;

        const tell = (changes) => {
            for (const listener of [...listeners]) {
                listener(changes);
            }
        };

        /** Ask for the state of the print servers. A failure keeps what was known: the screens' own read says so. */
        async function loadServers() {
            try {
                state.servers = await newestServers.add(
                    orm.silent.call("label.print.server", "get_freshness", [])
                );
            } catch {
                return;
            }
        }

        function onChanged(changes) {
            if (changes.servers?.length) {
                loadServers();
            }
            tell(changes);
        }

        function onProgress(payload) {
            const jobs = parseProgress(payload);
            for (const listener of [...progressListeners]) {
                listener(jobs);
            }
        }

        function onDisconnect() {
            if (awayTimer || !state.isConnected) {
                return;
            }
            goneAt = Date.now();
            awayTimer = browser.setTimeout(() => {
                state.isConnected = false;
                state.awaySince = goneAt;
                readTimer = browser.setInterval(catchUp, READ_ANYWAY_EVERY);
            }, AWAY_AFTER);
        }

        function catchUp() {
            loadServers();
            tell(EVERYTHING);
        }

        function forgetBeingAway() {
            browser.clearTimeout(awayTimer);
            browser.clearInterval(readTimer);
            awayTimer = null;
            goneAt = null;
            state.isConnected = true;
            state.awaySince = null;
        }

        function onReconnect() {
            forgetBeingAway();
            catchUp();
            browser.clearTimeout(secondQuestion);
            secondQuestion = browser.setTimeout(loadServers, ASK_AGAIN_AFTER);
        }

        /** The very first connection needs no catching up, unless it was long in coming. */
        function onConnect() {
            const wasLong = goneAt !== null && Date.now() - goneAt > AWAY_AFTER / 2;
            forgetBeingAway();
            if (wasLong) {
                catchUp();
            }
        }

        // The single events are not sent while the worker, which all tabs share, is already trying to connect when a tab
        // is opened. Its state always is.
        const onWorkerState = ({ detail }) =>
            detail === WORKER_STATE.CONNECTED ? onConnect() : onDisconnect();

        const reactions = {
            "BUS:WORKER_STATE_UPDATED": onWorkerState,
            "BUS:DISCONNECT": onDisconnect,
            "BUS:RECONNECTING": onDisconnect,
            "BUS:RECONNECT": onReconnect,
            "BUS:CONNECT": onConnect,
        };

        function startListening() {
            for (const [event, reaction] of Object.entries(reactions)) {
                bus.addEventListener(event, reaction);
            }
            bus.subscribe(CHANGED, onChanged);
            bus.subscribe(PROGRESS, onProgress);
            bus.addChannel(CHANNEL);
            // Nothing is known of a worker that has not answered yet: it may never do so.
            if (bus.workerState !== WORKER_STATE.CONNECTED) {
                onDisconnect();
            }
            clock = browser.setInterval(catchUp, READ_BY_THE_CLOCK_EVERY);
            loadServers();
        }

        function stopListening() {
            for (const [event, reaction] of Object.entries(reactions)) {
                bus.removeEventListener(event, reaction);
            }
            bus.unsubscribe(CHANGED, onChanged);
            bus.unsubscribe(PROGRESS, onProgress);
            bus.deleteChannel(CHANNEL);
            browser.clearInterval(clock);
            browser.clearTimeout(secondQuestion);
            forgetBeingAway();
        }

        return {
            state,
            loadServers,
            /**
             * @param {(changes: Object) => void} listener gets changed ids by kind, or EVERYTHING
             * @param {(jobs: import("./progress").Progress[]) => void} [onProgress] gets the labels printed of jobs
             * @returns {() => void} stops it
             */
            listen(listener, onProgress) {
                listeners.add(listener);
                if (onProgress) {
                    progressListeners.add(onProgress);
                }
                if (listeners.size === 1) {
                    startListening();
                }
                return () => {
                    progressListeners.delete(onProgress);
                    if (listeners.delete(listener) && !listeners.size) {
                        stopListening();
                    }
                };
            },
        };
    },
};

registry.category("services").add("label_print_live", liveService);
