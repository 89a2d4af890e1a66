import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError, RPCError } from "@web/core/network/rpc";
import { isSessionExpired } from "./session_expired";
import { NoAnswerError } from "./use_live";

/**
 * What a page says of a call that failed, where Odoo would open a dialog.
 *
 * @param {Error} error
 * @returns {string}
 */
export function describeError(error) {
    if (error instanceof ConnectionLostError || error instanceof NoAnswerError) {
        return _t("Odoo does not answer. Look at what the page says before you repeat it.");
    }
    if (error instanceof RPCError) {
        if (isSessionExpired(error)) {
            return _t("The session has expired. Log in again.");
        }
        // What Odoo says in words is meant for people; of other errors the words are for developers.
        if (error.exceptionName?.startsWith("odoo.exceptions.")) {
            return error.data?.message || error.message;
        }
    }
    console.warn("label_print_monitor:", error);
    return _t("This did not work. Try again; if it fails once more, tell your administrator.");
}
