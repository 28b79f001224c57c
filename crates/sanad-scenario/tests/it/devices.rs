//! Conveyors and queues.

use sanad_scenario::Method;

use crate::{assert_near, compile, file, of, run, variables};

fn results(stop: f64, dt: f64, body: &str) -> sanad_scenario::Results {
    run(&compile(&file(0.0, stop, dt, &variables(body))), Method::Euler)
}

#[test]
fn a_conveyor_gives_back_what_entered_one_transit_time_before() {
    let body = r#"<stock name="belt"><eqn>8</eqn><inflow>in</inflow><outflow>out</outflow>
        <conveyor><len>4</len></conveyor></stock><flow name="in"><eqn>TIME + 1</eqn></flow><flow name="out"/>"#;
    let found = results(10.0, 0.5, body);
    let (entering, leaving) = (of(&found, "in"), of(&found, "out"));
    assert_eq!(leaving[..8], [2.0; 8]);
    assert_near(&leaving[8..], &entering[..leaving.len() - 8], 1e-12);
}

#[test]
fn what_enters_a_conveyor_stays_or_leaves() {
    for exponential in ["true", "false"] {
        let body = format!(
            r#"<stock name="belt"><eqn>100</eqn><inflow>in</inflow><outflow>out</outflow><outflow>lost</outflow>
            <conveyor exponential_leak="{exponential}"><len>5 + STEP(3, 6) - STEP(4, 12)</len></conveyor></stock>
            <flow name="in"><eqn>20 + 10*SIN(TIME)</eqn></flow><flow name="out"/>
            <flow name="lost" leak_end="0.5"><leak>0.2</leak></flow>
            <stock name="entered"><eqn>100</eqn><inflow>in</inflow></stock>
            <stock name="left"><eqn>0</eqn><inflow>out</inflow><inflow>lost</inflow></stock>
            <aux name="gap"><eqn>(entered - left - belt) / entered</eqn></aux>"#
        );
        let found = results(40.0, 0.25, &body);
        assert!(of(&found, "gap").iter().all(|gap| gap.abs() < 1e-9));
        assert!(of(&found, "lost").iter().all(|&rate| rate > 0.0));
    }
}

#[test]
fn what_reaches_the_end_of_a_conveyor_without_an_outflow_there_stays_on_it() {
    for (exponential, transit) in
        [("true", "5"), ("false", "5"), ("true", "0.25"), ("false", "5 + STEP(3, 6) - STEP(4, 12)")]
    {
        let body = format!(
            r#"<stock name="belt"><eqn>100</eqn><inflow>in</inflow><outflow>lost</outflow>
            <conveyor exponential_leak="{exponential}"><len>{transit}</len></conveyor></stock>
            <flow name="in"><eqn>20 + 10*SIN(TIME)</eqn></flow>
            <flow name="lost" leak_end="0.5"><leak>0.2</leak></flow>
            <stock name="entered"><eqn>100</eqn><inflow>in</inflow></stock>
            <stock name="left"><eqn>0</eqn><inflow>lost</inflow></stock>
            <aux name="gap"><eqn>(entered - left - belt) / entered</eqn></aux>"#
        );
        let found = results(40.0, 0.25, &body);
        let gaps = of(&found, "gap");
        assert!(gaps.iter().all(|gap| gap.abs() < 1e-9), "{exponential} {transit}: {gaps:?}");
    }
}

#[test]
fn linear_leakage_takes_its_fraction_of_what_entered() {
    let body = r#"<stock name="belt"><eqn>0</eqn><inflow>in</inflow><outflow>out</outflow><outflow>lost</outflow>
        <conveyor><len>4</len></conveyor></stock><flow name="in"><eqn>10</eqn></flow><flow name="out"/>
        <flow name="lost"><leak>0.3</leak></flow>"#;
    let found = results(30.0, 0.25, body);
    let last = |name: &str| *of(&found, name).last().expect("rows");
    assert_near(&[last("out"), last("lost")], &[7.0, 3.0], 1e-9);
}

#[test]
fn capacity_and_inflow_limit_hold_material_back() {
    let body = r#"<stock name="before"><eqn>1000</eqn><outflow>in</outflow></stock>
        <stock name="belt"><eqn>0</eqn><inflow>in</inflow><outflow>out</outflow>
        <conveyor><len>4</len><capacity>12</capacity><in_limit>5</in_limit></conveyor></stock>
        <flow name="in"><eqn>100</eqn></flow><flow name="out"/>"#;
    let found = results(20.0, 0.5, body);
    assert!(of(&found, "belt").iter().all(|&content| content <= 12.0 + 1e-9));
    assert!(of(&found, "in").iter().all(|&rate| rate <= 5.0 + 1e-9));
    assert!(of(&found, "belt").iter().any(|&content| content > 11.9));
}

#[test]
fn an_arrested_conveyor_stands_still() {
    let body = r#"<stock name="belt"><eqn>8</eqn><inflow>in</inflow><outflow>out</outflow>
        <conveyor><len>4</len><arrest>TIME &gt;= 2 AND TIME &lt; 4</arrest></conveyor></stock>
        <flow name="in"><eqn>1</eqn></flow><flow name="out"/>"#;
    let found = results(8.0, 1.0, body);
    assert_eq!(of(&found, "out")[3..5], [0.0, 0.0]);
    assert_eq!(of(&found, "in")[3..5], [0.0, 0.0]);
    assert_eq!(of(&found, "belt")[3], of(&found, "belt")[5]);
}

#[test]
fn a_queue_waits_for_its_conveyor_and_overflows_when_blocked() {
    let body = r#"<stock name="queue"><eqn>0</eqn><inflow>arrive</inflow><outflow>board</outflow><outflow>turn_away</outflow><queue/></stock>
        <flow name="arrive"><eqn>10</eqn></flow><flow name="board"/><flow name="turn_away"><overflow/></flow>
        <stock name="bus"><eqn>0</eqn><inflow>board</inflow><outflow>leave</outflow>
        <conveyor one_at_a_time="false"><len>2</len><capacity>12</capacity></conveyor></stock><flow name="leave"/>
        <stock name="arrived"><eqn>0</eqn><inflow>arrive</inflow></stock>
        <stock name="gone"><eqn>0</eqn><inflow>leave</inflow><inflow>turn_away</inflow></stock>
        <aux name="gap"><eqn>arrived - gone - bus - queue</eqn></aux>"#;
    let found = results(12.0, 1.0, body);
    assert!(of(&found, "gap").iter().all(|gap| gap.abs() < 1e-9));
    assert!(of(&found, "bus").iter().all(|&content| content <= 12.0 + 1e-9));
    assert!(of(&found, "turn_away").iter().any(|&rate| rate > 0.0));
}

#[test]
fn a_queue_into_a_plain_stock_empties_every_step() {
    let body = r#"<stock name="queue"><eqn>3</eqn><inflow>arrive</inflow><outflow>go</outflow><queue/></stock>
        <flow name="arrive"><eqn>TIME</eqn></flow><flow name="go"/>
        <stock name="gone"><eqn>0</eqn><inflow>go</inflow></stock>"#;
    assert_eq!(of(&results(4.0, 1.0, body), "go"), [3.0, 0.0, 1.0, 2.0, 3.0]);
}
