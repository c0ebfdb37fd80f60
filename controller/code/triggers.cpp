// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <boost/json.hpp>
#include <utility>

#include "controller/code/code.hpp"
#include "controller/engine/json_read.hpp"

namespace trueup::code {
namespace {

// Whatever it is: a WORKDIR moves where the COPYs behind it lead to.
std::string first_trigger(const boost::json::object& image) {
    const boost::json::array& triggers =
        engine::codec::array(engine::codec::at(engine::codec::at(image, "Config"), "OnBuild"));
    if (triggers.empty()) return {};
    const boost::json::value& first = triggers.front();
    return first.is_string() ? std::string(first.get_string()) : std::string("an instruction");
}

}    // namespace

Task<std::optional<Problem>> untraced_triggers(engine::Engine& engine, dockerfile::BaseImage base) {
    if (base.reference.empty()) co_return std::optional<Problem>();
    const auto image = co_await engine.inspect_image_raw(base.reference);
    if (!image && image.error().code() == Errc::not_found) co_return std::optional<Problem>();
    if (!image) co_return image.error();
    const std::string trigger = first_trigger(*image);
    if (trigger.empty()) co_return std::optional<Problem>();
    Problem problem;
    problem.position = base.position;
    problem.message = fmt::format(
        "FROM: {} adds instructions of its own (ONBUILD {}), which are not "
        "followed",
        base.reference, trigger);
    problem.advice = "say in spec.code where the code lies";
    co_return std::optional<Problem>(std::move(problem));
}

}    // namespace trueup::code
