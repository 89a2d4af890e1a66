import { toRaw, useEffect } from "@odoo/owl";
import { FreshnessBar } from "./freshness_bar";
import { useLive } from "./use_live";

/** Which kinds of change touch a model's screens; the first kind holds the model's own ids. */
export const KINDS_OF_MODEL = {
    "label.print.job": ["jobs"],
    "printer.configuration": ["printers", "jobs"],
    "label.print.server": ["servers"],
    "label.print.incident": ["incidents", "jobs"],
};

/**
 * Makes a list, kanban or form controller (with a LiveModel) follow the bus.
 *
 * @template {typeof import("@odoo/owl").Component} T
 * @param {T} Controller
 */
export const LiveControllerMixin = (Controller) =>
    class extends Controller {
        static components = { ...Controller.components, FreshnessBar };

        setup() {
            super.setup(...arguments);
            this.liveKinds = KINDS_OF_MODEL[this.props.resModel] || [];
            // What jobs say of their printers and servers is read with the next change of jobs.
            this.changedPrinters = new Set();
            this.haveServersChanged = false;
            const { freshness, noteRead, noteFailure, readSoon } = useLive({
                concerns: (changes) => this.concerns(changes),
                read: (changes) => this.readAgain(changes),
                // A form shows each label, of which only a read tells.
                progress: this.model.config.isMonoRecord
                    ? undefined
                    : {
                          take: (jobs) => this.model.takeProgress(jobs),
                          forget: (jobs) => this.model.progress.forget(jobs),
                      },
            });
            this.freshness = freshness;
            this.model.onFailedRead = (error) => {
                noteFailure(error);
                readSoon();
            };
            // What the user's own filter, pager or button has read is fresh, too: but not a page of the filter before.
            const { hooks } = this.model;
            const { onRootLoaded } = hooks;
            hooks.onRootLoaded = async (root) => {
                if (toRaw(this.model.failedLoad?.root) !== toRaw(root)) {
                    noteRead();
                    freshness.isWaiting = false;
                }
                await onRootLoaded(root);
            };
            // Rows that had to wait for the selection or the edited row come as soon as it is gone.
            useEffect(
                (isHeld) => {
                    if (!isHeld && freshness.isWaiting) {
                        readSoon();
                    }
                },
                () => [Boolean(this.model.isHeld)]
            );
        }

        /**
         * A form shows one record. A list shows any that match its filters, and which ones those are only the server
         * can tell: every change of its kind may bring a row in.
         *
         * @param {Object} changes
         */
        concerns(changes) {
            changes.printers?.forEach((id) => this.changedPrinters.add(id));
            this.haveServersChanged ||= Boolean(changes.servers?.length);
            const touched = this.liveKinds.filter((kind) => changes[kind]?.length);
            if (!touched.length || !this.model.config.isMonoRecord) {
                return touched.length > 0;
            }
            const { resId } = this.model.root || {};
            const [ownKind] = this.liveKinds;
            return touched.some((kind) => kind !== ownKind || changes[kind].includes(resId));
        }

        /**
         * @param {Object} changes
         * @returns {Promise<import("./use_live").Outcome>}
         */
        async readAgain(changes) {
            const { model } = this;
            if (!model.isReady && !model.config.isMonoRecord && !model.failedLoad) {
                await (model.pendingLoad || model.whenReady);
            }
            const [ownKind, ...otherKinds] = this.liveKinds;
            const isOnlyOwn =
                !changes.everything && !otherKinds.some((kind) => changes[kind]?.length);
            const known = !changes.everything &&
                !this.haveServersChanged && {
                    changed: changes.jobs || [],
                    printers: [...this.changedPrinters],
                };
            this.changedPrinters.clear();
            this.haveServersChanged = false;
            return this.model.refresh(isOnlyOwn ? new Set(changes[ownKind]) : null, known || null);
        }
    };
