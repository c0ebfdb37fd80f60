// SPDX-License-Identifier: Apache-2.0
// What was found, compared: of a container that runs, of any container, of an image.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <utility>

#include "controller/code/archive_read.hpp"
#include "controller/code/readings.hpp"
#include "controller/model/labels.hpp"

namespace trueup::code {
namespace {

boost::json::object throw_away_body(const std::string& image_id, const std::string& owner) {
    boost::json::object labels;
    labels[proof_label] = owner;
    boost::json::object body;
    body["Image"] = image_id;
    // Never started; an image without a command would be refused otherwise.
    boost::json::array command;
    command.emplace_back("/never-started");
    body["Cmd"] = std::move(command);
    body["NetworkDisabled"] = true;
    body["Labels"] = std::move(labels);
    return body;
}

Comparison compared(const ExpectedCode& expected, const FoundFiles& found,
                    const std::vector<std::string>& baseline, SystemTime now) {
    Comparison comparison = compare(expected, found, baseline);
    comparison.state.proven_at = now;
    return comparison;
}

}    // namespace

Task<Comparison> compare_container(engine::Engine& engine, Pool& pool, std::string container_id,
                                   std::shared_ptr<const ExpectedCode> expected,
                                   std::vector<std::string> baseline, SystemTime now) {
    const auto found = co_await read_archive(engine, pool, std::move(container_id), expected);
    if (!found) co_return found.error();
    co_return compared(*expected, *found, baseline, now);
}

Task<Comparison> compare_running(engine::Engine& engine, Pool& pool, Readings& readings,
                                 Subject subject, std::shared_ptr<const ExpectedCode> expected,
                                 std::vector<std::string> baseline, SystemTime now) {
    const auto found = co_await readings.read(engine, pool, std::move(subject), expected);
    if (!found) co_return found.error();
    co_return compared(*expected, *found, baseline, now);
}

Task<Comparison> compare_image(engine::Engine& engine, Pool& pool, std::string image_id,
                               std::shared_ptr<const ExpectedCode> expected, std::string owner,
                               SystemTime now) {
    boost::json::object body = throw_away_body(image_id, owner);
    const auto container = co_await engine.create_container("", std::move(body));
    if (!container) co_return container.error().in("comparing the code of an image");
    std::vector<std::string> none;
    auto comparison =
        co_await compare_container(engine, pool, *container, expected, std::move(none), now);
    const auto removed = co_await engine.remove_container(*container, true, true);
    if (!comparison) co_return comparison.error();
    if (!removed && removed.error().code() != Errc::not_found) co_return removed.error();
    // What the image itself brought along is no drift: it came from the build, not from a person.
    model::CodeState& state = comparison->state;
    std::erase_if(state.differences, [](const model::FileDifference& difference) {
        return may_be_of_build(difference.change);
    });
    state.difference_count -= std::min(state.difference_count, comparison->of_build.size());
    if (state.status == model::CodeStatus::stale && state.difference_count == 0)
        state.status = model::CodeStatus::fresh;
    co_return comparison;
}

Task<void> remove_leftovers(engine::Engine& engine, std::string owner) {
    engine::ContainerFilter filter;
    filter.labels.push_back(fmt::format("{}={}", proof_label, owner));
    const auto left = co_await engine.list_containers(std::move(filter));
    if (!left) co_return left.error();
    for (const model::ObservedContainer& container : *left) {
        // One that was ever started is not ours, whatever its label says.
        if (container.state != model::ContainerState::created) continue;
        const auto removed = co_await engine.remove_container(container.id, false, true);
        if (!removed && removed.error().code() != Errc::not_found) co_return removed.error();
    }
    co_return Result<void>();
}

}    // namespace trueup::code
