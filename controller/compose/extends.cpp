// SPDX-License-Identifier: Apache-2.0
// Services are completed in place, the extended one first, so that each is done once however many
// extend it. Another file is loaded up to its canonical form and kept.
#include "controller/compose/extends.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/base/text.hpp"
#include "controller/compose/canonical.hpp"
#include "controller/compose/merge.hpp"
#include "controller/compose/nodes.hpp"
#include "controller/compose/resolve_paths.hpp"
#include "controller/compose/validate.hpp"

namespace trueup::compose {
namespace {

std::string suggestion(const std::string& name, const yaml::Node& services) {
    std::vector<std::string_view> names;
    for (const yaml::Entry& entry : services.entries) names.push_back(entry.key);
    return base::suggest(name, names);
}

}    // namespace

void Extender::apply(yaml::Node& document, const std::string& path, const Resets& resets) {
    yaml::Node* services = document.find("services");
    if (services == nullptr || !services->is_mapping()) return;
    const bool any = std::any_of(
        services->entries.begin(), services->entries.end(),
        [](const yaml::Entry& entry) { return entry.value.find("extends") != nullptr; });
    if (!any) return;
    Scope scope{path, files_.directory, std::move(document), resets};
    for (yaml::Entry& entry : scope.document.find("services")->entries) {
        Trail trail;
        extend(scope, entry.key, entry.value, trail);
    }
    document = std::move(scope.document);
}

void Extender::extend(Scope& scope, const std::string& name, yaml::Node& service, Trail& trail) {
    const yaml::Node* found = service.find("extends");
    if (found == nullptr) return;
    const yaml::Node extends = *found;
    erase(service, "extends");
    if (!check_form(name, extends)) return;
    if (!enter({scope.path, name}, extends, trail)) return;
    const yaml::Node* base = base_of(scope, name, extends, trail);
    trail.pop_back();
    if (base == nullptr || !session_.afford(*base)) return;
    yaml::Node source = *base;
    scope.resets.apply(source, {"services", name});
    Reporter reporter(session_.problems);
    const Path::Step services(reporter.path, "services");
    const Path::Step step(reporter.path, name);
    service = merge(std::move(source), std::move(service), Object::service, reporter);
}

const yaml::Node* Extender::base_of(Scope& scope, const std::string& name,
                                    const yaml::Node& extends, Trail& trail) {
    const yaml::Node* file = extends.find("file");
    const std::string reference =
        extends.is_scalar() ? extends.text : member_text(extends, "service");
    Scope* home = file == nullptr ? &scope : other_file(scope, name, *file);
    if (home == nullptr) return nullptr;
    yaml::Node* services = home->document.find("services");
    yaml::Node* base = services == nullptr ? nullptr : services->find(reference);
    if (base == nullptr) {
        session_.tell(extends,
                      fmt::format("services.{}.extends: there is no service '{}' in {}", name,
                                  reference, file == nullptr ? "this file" : file->text),
                      services == nullptr ? "" : suggestion(reference, *services));
        return nullptr;
    }
    // A service may extend one of its own name in another file; within one it is a circle.
    const Link link{home->path, reference};
    if (std::find(trail.begin(), trail.end(), link) != trail.end()) {
        session_.tell(extends,
                      fmt::format("services.{}.extends: '{}' extends itself", name, reference),
                      "remove one of them");
        return nullptr;
    }
    extend(*home, reference, *base, trail);
    return base;
}

bool Extender::check_form(const std::string& name, const yaml::Node& extends) {
    yaml::Node service = make(yaml::Kind::mapping, extends);
    add(service, "extends", extends);
    yaml::Node services = make(yaml::Kind::mapping, extends);
    add(services, name, std::move(service));
    yaml::Node file = make(yaml::Kind::mapping, extends);
    add(file, "services", std::move(services));
    const std::size_t before = session_.problems.size();
    validate(file, session_.interpolate, session_.problems);
    return session_.problems.size() == before;
}

bool Extender::enter(const Link& link, const yaml::Node& place, Trail& trail) {
    if (trail.size() >= Limits().extends_depth) {
        session_.tell(place,
                      fmt::format("services extend each other more than {} levels deep",
                                  Limits().extends_depth),
                      "flatten it");
        return false;
    }
    trail.push_back(link);
    return true;
}

Extender::Scope* Extender::other_file(const Scope& scope, const std::string& name,
                                      const yaml::Node& file) {
    const Place place{file.position(), fmt::format("services.{}.extends.file", name)};
    if (is_remote(file.text)) {
        place.tell(fmt::format("'{}' is a remote file, which is not supported", file.text),
                   "copy it into the project", session_.problems);
        return nullptr;
    }
    const auto path = session_.places.resolve(scope.directory, file.text);
    if (!path) {
        place.tell(fmt::format("'{}' is outside the {}", file.text, session_.places.what()), "",
                   session_.problems);
        return nullptr;
    }
    auto& known = scopes_[*path];
    if (!known) {
        known = std::make_unique<Scope>();
        known->path = *path;
        known->directory = directory_of(*path);
        load(*known, place);
    }
    return known->document.is_null() ? nullptr : known.get();
}

void Extender::load(Scope& scope, const Place& from) {
    const auto* documents = session_.documents(scope.path, from);
    if (documents == nullptr) return;
    for (const yaml::Node& document : *documents) {
        if (!session_.afford(document)) return;
        yaml::Node copy = document;
        scope.resets = Resets::take(copy, session_.problems);
        session_.interpolate_tree(copy, look_in(files_.variables));
        scope.resets.apply(scope.document);
        scope.document = scope.document.is_null()
                             ? std::move(copy)
                             : merge(std::move(scope.document), std::move(copy), Object::file,
                                     session_.problems);
        enforce_unicity(scope.document, Object::file);
        canonicalise(scope.document, session_);
    }
    resolve_paths(scope.document, scope.directory, session_);
}

}    // namespace trueup::compose
