import { RPCError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";

const SESSION_EXPIRED = "odoo.http.SessionExpiredException";

/** @type {Set<(error: Error) => void>} the screens that say themselves that their user has to log in */
const screens = new Set();

/**
 * @param {Error} error
 * @returns {boolean} whether Odoo refused the call because its user is not logged in any more
 */
export function isSessionExpired(error) {
    return error instanceof RPCError && error.exceptionName === SESSION_EXPIRED;
}

/**
 * Keep Odoo's own dialog away while a screen says in words that its user has to log in. The calls of other modules, as
 * that of Discuss at the start or of the bus after it was away, would open it over the link to log in.
 *
 * @param {(error: Error) => void} say
 * @returns {() => void} ends it
 */
export function sayExpiredSession(say) {
    screens.add(say);
    return () => screens.delete(say);
}

/** Before Odoo's own handler of RPC errors, which has the sequence 97. */
registry.category("error_handlers").add(
    "label_print_monitor.session_expired",
    (env, error, originalError) => {
        if (!screens.size || !isSessionExpired(originalError)) {
            return false;
        }
        error.unhandledRejectionEvent?.preventDefault();
        screens.forEach((say) => say(originalError));
        return true;
    },
    { sequence: 90 }
);
