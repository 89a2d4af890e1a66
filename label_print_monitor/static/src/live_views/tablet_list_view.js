import { registry } from "@web/core/registry";
import { listView } from "@web/views/list/list_view";
import { LiveListRenderer } from "./live_list_renderer";

/** A list of what does not change any more, with as few columns on a tablet as the live ones. */
registry.category("views").add("label_print_list", { ...listView, Renderer: LiveListRenderer });
