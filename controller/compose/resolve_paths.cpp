// SPDX-License-Identifier: Apache-2.0
#include "controller/compose/resolve_paths.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/compose/nodes.hpp"
#include "controller/compose/problems.hpp"

namespace trueup::compose {
namespace {

class Resolver {
public:
    Resolver(const std::string& directory, Session& session)
        : directory_(directory), session_(session), reporter_(session.problems) {}

    void file(yaml::Node& node) {
        each_in(node, "services", [&](yaml::Node& it) { service(it); });
        each_in(node, "configs", [&](yaml::Node& it) { member(it, "file"); });
        each_in(node, "secrets", [&](yaml::Node& it) { member(it, "file"); });
        each_in(node, "volumes", [&](yaml::Node& it) { device(it); });
    }

private:
    void service(yaml::Node& node) {
        inside(node, "build", [&](yaml::Node& build) {
            member(build, "context");
            each_in(build, "additional_contexts", [&](yaml::Node& it) { path(it); });
            each_in(build, "ssh", [&](yaml::Node& it) { path(it); });
        });
        inside(node, "extends", [&](yaml::Node& it) { member(it, "file"); });
        items_of(node, "env_file", [&](yaml::Node& it) { member(it, "path"); });
        items_of(node, "label_file", [&](yaml::Node& it) { path(it); });
        items_of(node, "volumes", [&](yaml::Node& it) { mount(it); });
        inside(node, "develop", [&](yaml::Node& develop) {
            items_of(develop, "watch", [&](yaml::Node& it) { member(it, "path"); });
        });
    }

    template <class Visit>
    void inside(yaml::Node& node, std::string_view key, Visit visit) {
        yaml::Node* found = node.find(key);
        if (found == nullptr) return;
        const Path::Step step(reporter_.path, key);
        visit(*found);
    }

    void member(yaml::Node& node, std::string_view key) {
        inside(node, key, [&](yaml::Node& it) { path(it); });
    }

    template <class Visit>
    void each_in(yaml::Node& node, std::string_view key, Visit visit) {
        inside(node, key, [&](yaml::Node& mapping) {
            for (yaml::Entry& entry : mapping.entries) {
                const Path::Step step(reporter_.path, entry.key);
                visit(entry.value);
            }
        });
    }

    template <class Visit>
    void items_of(yaml::Node& node, std::string_view key, Visit visit) {
        inside(node, key, [&](yaml::Node& list) {
            for (std::size_t index = 0; index < list.items.size(); ++index) {
                const Path::Step step(reporter_.path, index);
                visit(list.items[index]);
            }
        });
    }

    void path(yaml::Node& node) {
        if (!node.is_scalar() || node.text.empty() || is_remote(node.text)) return;
        auto resolved = session_.places.resolve(directory_, node.text);
        if (resolved) {
            node.text = std::move(*resolved);
            node.quoted = true;
            return;
        }
        const bool home = node.text.starts_with('~');
        reporter_.tell(node,
                       fmt::format("'{}' is outside the {}", node.text, session_.places.what()),
                       home ? "nobody's home is known here; write another path"
                            : "only files of the commit can be read");
    }

    void mount(yaml::Node& node) {
        yaml::Node* source = node.find("source");
        if (member_text(node, "type") != "bind" || source == nullptr || !source->is_scalar())
            return;
        const bool windows = source->text.size() > 1 && source->text[1] == ':';
        auto resolved = session_.places.resolve(directory_, source->text);
        if (resolved && !windows && !source->text.empty()) source->text = std::move(*resolved);
    }

    // A local volume that binds a folder.
    void device(yaml::Node& node) {
        yaml::Node* options = node.find("driver_opts");
        if (member_text(node, "driver") != "local" || options == nullptr) return;
        if (member_text(*options, "o") != "bind") return;
        yaml::Node* device = options->find("device");
        if (device == nullptr || !device->is_scalar()) return;
        auto resolved = session_.places.resolve(directory_, device->text);
        if (resolved) device->text = std::move(*resolved);
    }

    const std::string& directory_;
    Session& session_;
    Reporter reporter_;
};

}    // namespace

void resolve_paths(yaml::Node& file, const std::string& directory, Session& session) {
    Resolver(directory, session).file(file);
}

bool is_remote(std::string_view path) {
    constexpr std::string_view starts[] = {"git@", "github.com/", "service:", "oci:"};
    return path.find("://") != std::string_view::npos ||
           std::any_of(std::begin(starts), std::end(starts),
                       [&](std::string_view start) { return path.starts_with(start); });
}

}    // namespace trueup::compose
