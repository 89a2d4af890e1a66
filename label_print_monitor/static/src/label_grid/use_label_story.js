import { useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { describeError } from "../live_views/error_words";
import { withinTime } from "../live_views/use_live";

const MODEL = "label.print.job";

/**
 * One label's story: what the server tells of it, and what can be done.
 *
 * @param {Object} params
 * @param {() => number | false} params.getJobId
 * @param {() => Promise<void>} params.onChanged after something was done
 * @param {() => void} params.onLeave before a window opens in front of the story
 * @returns {{
 *   story: { index: number | null, data: Object | null, problem: string, isBusy: boolean },
 *   open: (index: number) => Promise<void>,
 *   reload: () => Promise<void>,
 *   perform: (action: { name: string }) => Promise<void>,
 *   forget: () => void,
 * }} `story` is reactive; `index` is null while none is open
 */
export function useLabelStory({ getJobId, onChanged, onLeave }) {
    const orm = useService("orm");
    const action = useService("action");
    const story = useState({ index: null, data: null, problem: "", isBusy: false });
    const newest = new KeepLast();

    async function reload() {
        const { index } = story;
        try {
            const data = await newest.add(
                withinTime(orm.silent.call(MODEL, "get_label_story", [[getJobId()], index]))
            );
            if (story.index === index) {
                Object.assign(story, { data, problem: "" });
            }
        } catch (error) {
            if (story.index === index) {
                story.problem = _t("What happened to this label could not be read: %(reason)s", {
                    reason: describeError(error),
                });
            }
        }
    }

    function open(index) {
        Object.assign(story, { index, data: null, problem: "", isBusy: false });
        return reload();
    }

    /** Do one of the story's actions; what it opens is opened, what it refuses is said where the button is. */
    async function perform({ name }) {
        const { index } = story;
        Object.assign(story, { problem: "", isBusy: true });
        let result;
        try {
            result = await orm.call(MODEL, name, [[getJobId()], index]);
        } catch (error) {
            if (story.index === index) {
                story.problem = describeError(error);
            }
            return;
        } finally {
            story.isBusy = false;
        }
        if (result?.type === "ir.actions.act_window") {
            onLeave();
            await action.doAction(result, { onClose: onChanged });
            return;
        }
        if (result?.type) {
            await action.doAction(result);
        }
        await onChanged();
        if (story.index !== null) {
            await reload();
        }
    }

    return { story, open, reload, perform, forget: () => (story.index = null) };
}
