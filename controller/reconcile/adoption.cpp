// SPDX-License-Identifier: Apache-2.0
#include "controller/reconcile/adoption.hpp"

#include <algorithm>
#include <set>

#include "controller/code/container_file.hpp"
#include "controller/plan/ownership.hpp"
#include "controller/render/compare.hpp"

namespace trueup::reconcile {
namespace {

using model::ObservedContainer;

bool may_be_adopted(const ObservedContainer& container, const model::Observed& observed,
                    const Desired& desired) {
    return !container.one_off && desired.project.services.contains(container.service) &&
           !plan::is_ours(container, observed, desired.policy.identity);
}

// service -> id of its container, of those that share a namespace or volumes with it
model::StringMap shared_containers(const model::Service& service, const model::Observed& observed) {
    model::StringMap ids;
    for (const std::string& name : render::shared_services(service)) {
        for (const ObservedContainer& each : observed.containers) {
            if (each.service == name && !each.one_off) ids.emplace(name, each.id);
        }
    }
    return ids;
}

render::WantedContainer wanted(const Desired& desired, const ObservedContainer& container,
                               model::StringMap shared) {
    const model::Service& service = desired.project.services.at(container.service);
    const int number = std::max(container.number, 1);
    render::Creation creation;
    creation.image_id = container.image_id;
    creation.containers = std::move(shared);
    render::WantedContainer made;
    made.body =
        render::container_body(desired.project, service, number, desired.policy.identity, creation);
    made.further = render::further_networks(desired.project, service, number, creation.capability);
    made.name = render::container_name(desired.project.name, service, number);
    return made;
}

boost::json::object config_of(const boost::json::object& image) {
    const boost::json::value* config = image.if_contains("Config");
    return config != nullptr && config->is_object() ? config->get_object() : boost::json::object();
}

// Configs and secrets that are written into a container: no inspect answer has them. Paths only, since
// what is in them may be a secret.
Task<model::Strings> other_files(engine::Engine& engine, std::shared_ptr<const Desired> desired,
                                 std::string id, std::string service) {
    const model::Project& project = desired->project;
    const auto files = render::written_files(project, project.services.at(service));
    model::Strings names;
    for (const render::WrittenFile& file : files) {
        const auto found =
            co_await code::read_container_file(engine, id, file.target, file.content.size());
        if (!found) co_return found.error();
        if (found->content != file.content) names.push_back("file " + file.target);
    }
    co_return names;
}

void fill(std::vector<ObservedContainer>& containers,
          const std::map<std::string, store::AdoptedContainer>& all,
          const render::StackIdentity& identity) {
    for (ObservedContainer& container : containers) {
        const auto found = all.find(container.id);
        if (found == all.end() || found->second.stack != identity.stack) continue;
        const store::AdoptedContainer& known = found->second;
        plan::AdoptContainer adopted;
        adopted.service = known.service;
        adopted.number = known.number;
        adopted.config_hash = known.config_hash;
        adopted.recipe_id = known.recipe_id;
        adopted.revision = known.revision;
        plan::take_over(container, adopted, identity);
    }
}

}    // namespace

std::set<std::string> adopted_by(const std::string& stack,
                                 const std::map<std::string, store::AdoptedContainer>& all) {
    std::set<std::string> ids;
    for (const auto& [id, known] : all) {
        if (known.stack == stack) ids.insert(id);
    }
    return ids;
}

void fill_adopted(model::Observed& observed,
                  const std::map<std::string, store::AdoptedContainer>& all,
                  const render::StackIdentity& identity) {
    if (all.empty()) return;
    fill(observed.containers, all, identity);
    fill(observed.elsewhere, all, identity);
}

store::Changes release_gone(const model::Observed& observed,
                            const std::map<std::string, store::AdoptedContainer>& all,
                            const std::string& stack) {
    store::Changes changes;
    for (const auto& [id, known] : all) {
        if (known.stack == stack && !observed.has_container(id))
            changes.emplace_back(store::Release{id});
    }
    return changes;
}

store::Changes record_found_state(const Desired& desired, const model::Observed& observed,
                                  const std::string& environment, SystemTime now) {
    store::Revision revision;
    std::set<std::string> images;
    for (const ObservedContainer& container : observed.containers) {
        if (!container.comparison) continue;
        images.insert(container.image_id);
        store::ServiceIdentity identity;
        identity.service = container.service;
        identity.image_id = container.image_id;
        if (container.code.status == model::CodeStatus::fresh) {
            identity.code_id = container.code.code_id;
            identity.proof = "files";
            identity.proven_at = container.code.proven_at;
        }
        revision.services.push_back(std::move(identity));
    }
    if (images.empty()) return {};
    revision.stack = desired.policy.identity.stack;
    revision.number = 0;
    revision.environment = environment;
    revision.project = desired.project.name;
    revision.time = now;
    revision.actor = store::actor_unknown;
    revision.cause = "found running when the stack was adopted";
    revision.images.assign(images.begin(), images.end());
    store::Changes changes;
    changes.emplace_back(std::move(revision));
    return changes;
}

Task<void> Comparisons::fill(engine::Engine& engine, std::shared_ptr<const Desired> desired,
                             model::Observed& observed) {
    std::map<std::string, model::Comparison> known;
    for (ObservedContainer& container : observed.containers) {
        if (!may_be_adopted(container, observed, *desired)) continue;
        const std::string& hash = desired->project.services.at(container.service).config_hash;
        auto found = known_.find(container.id);
        if (found == known_.end() || found->second.config_hash != hash) {
            model::StringMap shared =
                shared_containers(desired->project.services.at(container.service), observed);
            auto compared = co_await compare(engine, desired, container, std::move(shared));
            if (!compared && compared.error().code() == Errc::not_found) continue;
            if (!compared) co_return compared.error().in("compare container " + container.name);
            found = known_.insert_or_assign(container.id, std::move(*compared)).first;
        }
        container.comparison = found->second;
        known.insert(*found);
    }
    known_ = std::move(known);
    co_return Result<void>();
}

Task<model::Comparison> Comparisons::compare(engine::Engine& engine,
                                             std::shared_ptr<const Desired> desired,
                                             model::ObservedContainer container,
                                             model::StringMap shared) {
    const auto inspect = co_await engine.inspect_container_raw(container.id);
    if (!inspect) co_return inspect.error();
    auto image = co_await engine.inspect_image_raw(container.image_id);
    // Removed by force: then all of what it brought differs.
    if (!image && image.error().code() != Errc::not_found) co_return image.error();
    model::Comparison comparison;
    comparison.config_hash = desired->project.services.at(container.service).config_hash;
    comparison.differences =
        render::differences(wanted(*desired, container, std::move(shared)), *inspect,
                            image ? config_of(*image) : boost::json::object());
    const auto files = co_await other_files(engine, desired, container.id, container.service);
    if (!files) co_return files.error();
    comparison.differences.insert(comparison.differences.end(), files->begin(), files->end());
    co_return comparison;
}

Task<void> StoreLedger::adopt(plan::AdoptContainer step) {
    store::AdoptedContainer adopted;
    adopted.id = std::move(step.id);
    adopted.stack = stack_;
    adopted.service = std::move(step.service);
    adopted.number = step.number;
    adopted.config_hash = std::move(step.config_hash);
    adopted.image_id = std::move(step.image_id);
    adopted.revision = std::move(step.revision);
    adopted.recipe_id = std::move(step.recipe_id);
    store::Changes changes;
    changes.emplace_back(std::move(adopted));
    co_return co_await store_.write(std::move(changes));
}

}    // namespace trueup::reconcile
