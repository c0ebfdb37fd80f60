// SPDX-License-Identifier: Apache-2.0
// A walk along the table of attributes: one small function for each kind that has a short form.
#include "controller/compose/canonical.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "controller/compose/attributes.hpp"
#include "controller/compose/limits.hpp"
#include "controller/compose/nodes.hpp"
#include "controller/compose/problems.hpp"
#include "controller/compose/scalars.hpp"
#include "controller/compose/shell_words.hpp"
#include "controller/compose/short_forms.hpp"

namespace trueup::compose {
namespace {

// Ranges multiply: a short line may stand for 65,535 ports.

class Canonicaliser {
public:
    explicit Canonicaliser(Session& session)
        : interpolated_(session.interpolate),
          as_written_(session.as_written),
          reporter_(session.problems) {}

    void object(yaml::Node& node, Object object) {
        for (yaml::Entry& entry : node.entries) {
            const Attribute* attribute = find_attribute(object, entry.key);
            if (attribute == nullptr) continue;
            const Path::Step step(reporter_.path, entry.key);
            value(entry.value, *attribute);
        }
        if (object == Object::network || object == Object::volume || object == Object::secret ||
            object == Object::config)
            external(node);
    }

private:
    // What Compose brings into one form only when it makes its own types of it.
    bool stays(const Attribute& attribute) const {
        if (!as_written_) return false;
        switch (attribute.kind) {
            case Kind::command:
            case Kind::test: return true;
            case Kind::variables:
                return attribute.name != "ssh" && attribute.name != "additional_contexts";
            case Kind::text_or_texts:
                return attribute.name == "dns_search" || attribute.name == "tmpfs" ||
                       attribute.name == "ignore" || attribute.name == "include";
            default: return false;
        }
    }

    void value(yaml::Node& node, const Attribute& attribute) {
        if (stays(attribute)) return;
        const Object inner = attribute.extras.inner;
        switch (attribute.kind) {
            case Kind::command: return words(node);
            case Kind::test: return health_test(node);
            case Kind::label_file:
            case Kind::text_or_texts:
                to_list(node);
                // `dns: ${UNSET}` names no server.
                std::erase_if(node.items, [](const yaml::Node& it) {
                    return it.is_scalar() && it.text.empty();
                });
                return;
            case Kind::variables: return variables(node);
            case Kind::text_or_object: text_to_object(node, inner); return object(node, inner);
            case Kind::object:
            case Kind::object_or_null: return object(node, inner);
            case Kind::objects:
            case Kind::texts_or_objects: return items(node, inner);
            case Kind::ports: return ports(node);
            case Kind::env_files: return env_files(node, inner);
            case Kind::gpus: return gpus(node);
            case Kind::names_or_named:
            case Kind::names_or_named_or_null: names(node, inner); [[fallthrough]];
            case Kind::named:
            case Kind::named_or_null:
                return for_each(&node, [&](const std::string& name, yaml::Node& it) {
                    const Path::Step step(reporter_.path, name);
                    object(it, inner);
                });
            default: return;
        }
    }

    // What cannot be read is a problem, or waits for its variable.
    void take(const Error& error, const yaml::Node& node) {
        if (!interpolated_ && node.text.find('$') != std::string::npos) return;
        const Problems found = error.problems();
        for (const Problem& problem : found)
            reporter_.tell(problem.position, problem.message, problem.advice);
    }

    void words(yaml::Node& node) {
        if (!node.is_scalar()) return;
        auto split = split_words(node.text);
        if (!split)
            return take(problem_error(node, split.error().message(),
                                      "quote it, or write a list such as [sh, -c, \"…\"]"),
                        node);
        yaml::Node list = make(yaml::Kind::sequence, node);
        for (std::string& word : *split) list.items.push_back(scalar(std::move(word), node));
        node = std::move(list);
    }

    static void health_test(yaml::Node& node) {
        if (!node.is_scalar()) return;
        yaml::Node list = make(yaml::Kind::sequence, node);
        list.items.push_back(scalar("CMD-SHELL", node));
        list.items.push_back(std::move(node));
        node = std::move(list);
    }

    static void to_list(yaml::Node& node) {
        if (!node.is_scalar()) return;
        yaml::Node list = make(yaml::Kind::sequence, node);
        list.items.push_back(std::move(node));
        node = std::move(list);
    }

    void variables(yaml::Node& node) {
        if (!node.is_sequence()) return;
        yaml::Node mapping = make(yaml::Kind::mapping, node);
        std::unordered_map<std::string, std::size_t> places;
        for (yaml::Node& item : node.items) {
            const std::string text = scalar_text(item);
            const std::size_t equals = text.find('=');
            std::string key = text.substr(0, equals);
            if (key.empty() || key.ends_with(' ')) {
                reporter_.tell(item,
                               key.empty() ? "this has no name before the '='"
                                           : fmt::format("'{}' ends with a blank", key),
                               "write KEY=value");
                continue;
            }
            yaml::Node value = equals == std::string::npos ? make(yaml::Kind::null, item)
                                                           : scalar(text.substr(equals + 1), item);
            const auto [place, is_new] = places.emplace(key, mapping.entries.size());
            if (is_new)
                add(mapping, std::move(key), std::move(value));
            else
                mapping.entries[place->second].value = std::move(value);    // the last one wins
        }
        node = std::move(mapping);
    }

    void env_files(yaml::Node& node, Object inner) {
        to_list(node);
        items(node, inner);
        if (!as_written_) return;
        for (yaml::Node& item : node.items) {
            if (item.is_mapping() && item.find("required") == nullptr)
                add(item, "required", plain("true", item));
        }
    }

    static void text_to_object(yaml::Node& node, Object inner) {
        if (!node.is_scalar()) return;
        const std::string_view name = inner == Object::build     ? "context"
                                      : inner == Object::extends ? "service"
                                                                 : "path";
        yaml::Node mapping = make(yaml::Kind::mapping, node);
        add(mapping, std::string(name), std::move(node));
        node = std::move(mapping);
    }

    void items(yaml::Node& node, Object inner) {
        for (std::size_t index = 0; index < node.items.size(); ++index) {
            const Path::Step step(reporter_.path, index);
            if (node.items[index].is_scalar()) short_item(node.items[index], inner);
            object(node.items[index], inner);
        }
    }

    void short_item(yaml::Node& item, Object inner) {
        if (inner == Object::mount || inner == Object::device) {
            auto expanded = inner == Object::mount ? expand_volume(item) : expand_device(item);
            if (!expanded) return take(expanded.error(), item);
            item = std::move(*expanded);
            return;
        }
        yaml::Node mapping = make(yaml::Kind::mapping, item);
        add(mapping, inner == Object::file_reference ? "source" : "path", std::move(item));
        item = std::move(mapping);
    }

    // True where one of them waits for its variable: then all of them stay as they are written.
    bool are_open(const yaml::Node& node) const {
        return as_written_ &&
               std::any_of(node.items.begin(), node.items.end(), [](const yaml::Node& item) {
                   return item.is_scalar() && item.text.find('$') != std::string::npos &&
                          !expand_port(item);
               });
    }

    void ports(yaml::Node& node) {
        if (are_open(node)) return;
        std::vector<yaml::Node> all;
        for (std::size_t index = 0; index < node.items.size(); ++index) {
            const Path::Step step(reporter_.path, index);
            yaml::Node& item = node.items[index];
            if (!item.is_scalar()) {
                all.push_back(std::move(item));
                continue;
            }
            yaml::Node text = item;
            text.text = scalar_text(item);
            auto expanded = expand_port(text);
            if (!expanded) {
                take(expanded.error(), item);
                if (!interpolated_) all.push_back(std::move(item));
                continue;
            }
            if (expanded->size() > ports_left_) {
                reporter_.tell(item,
                               fmt::format("more than {} ports in one project", Limits::ports),
                               "publish the ranges that are needed");
                break;
            }
            ports_left_ -= expanded->size();
            for (yaml::Node& port : *expanded) all.push_back(std::move(port));
        }
        node.items = std::move(all);
    }

    void gpus(yaml::Node& node) {
        if (node.is_scalar()) {
            yaml::Node request = make(yaml::Kind::mapping, node);
            add(request, "count", std::move(node));
            yaml::Node list = make(yaml::Kind::sequence, request);
            list.items.push_back(std::move(request));
            node = std::move(list);
        }
        for (yaml::Node& item : node.items) object(item, Object::device_request);
    }

    static void names(yaml::Node& node, Object inner) {
        if (node.is_sequence()) {
            yaml::Node mapping = make(yaml::Kind::mapping, node);
            std::unordered_set<std::string> seen;
            for (const yaml::Node& item : node.items) {
                if (seen.insert(item.text).second)
                    add(mapping, item.text, make(yaml::Kind::null, item));
            }
            node = std::move(mapping);
        }
        if (inner != Object::dependency) return;
        for (yaml::Entry& entry : node.entries) {
            if (entry.value.is_null()) {
                entry.value = make(yaml::Kind::mapping, entry.value);
                add(entry.value, "condition", scalar("service_started", entry.value));
            }
            if (entry.value.is_mapping() && entry.value.find("required") == nullptr)
                add(entry.value, "required", plain("true", entry.value));
        }
    }

    // The old form `external: {name: x}`.
    void external(yaml::Node& node) {
        yaml::Node* found = node.find("external");
        if (found == nullptr || !found->is_mapping()) return;
        const yaml::Node* name = found->find("name");
        if (name != nullptr && node.find("name") != nullptr) {
            reporter_.tell(*found, "external.name and name say the same", "keep name");
        }
        yaml::Node flag = plain("true", *found);
        if (name == nullptr) {
            *found = std::move(flag);
            return;
        }
        yaml::Node outer = *name;
        *found = std::move(flag);
        set(node, "name", std::move(outer));
    }

    bool interpolated_;
    bool as_written_;
    Reporter reporter_;
    std::size_t ports_left_ = Limits::ports;
};

}    // namespace

void canonicalise(yaml::Node& file, Session& session) {
    Canonicaliser(session).object(file, Object::file);
}

}    // namespace trueup::compose
