import { browser } from "@web/core/browser/browser";
import { user } from "@web/core/user";
import { session } from "@web/session";

const getSubjectKey = () => `label_print_monitor.scan_subject.${session.db}.${user.userId}`;

/** The order that this tab was checking, so that a reload goes on with it. */
export function readSubject() {
    try {
        return JSON.parse(browser.sessionStorage.getItem(getSubjectKey()));
    } catch {
        return null;
    }
}

/** @param {{ order_id, job_id } | null} subject */
export function keepSubject(subject) {
    try {
        browser.sessionStorage.setItem(getSubjectKey(), JSON.stringify(subject));
    } catch {
        // Forbidden or full: after a reload the order is chosen once more.
    }
}

/** Whether both are of the same order, or of the same job without one. */
export const isSame = (one, other) =>
    (one.order_id || 0) === (other.order_id || 0) && (one.job_id || 0) === (other.job_id || 0);
