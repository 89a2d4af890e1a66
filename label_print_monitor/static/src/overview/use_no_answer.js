import { useService } from "@web/core/utils/hooks";
import { describeError } from "../live_views/error_words";
import { NoAnswerError } from "../live_views/use_live";

/**
 * Of what has taken too long, Odoo's own dialog would show a trace: the page says it in words. All else is Odoo's to say.
 *
 * @returns {(error: Error) => void} to call with what was caught
 */
export function useNoAnswer() {
    const notification = useService("notification");
    return (error) => {
        if (!(error instanceof NoAnswerError)) {
            throw error;
        }
        notification.add(describeError(error), { type: "danger" });
    };
}
