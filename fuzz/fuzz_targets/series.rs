//! Tables of indicators, all formats that share the reader of tables: no panic, finite values,
//! and rows that exist. The first byte chooses the format, the second whether its header is given and
//! what separates its fields.
#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use sanad_source::displacement::{self, Publisher};
use sanad_source::series::Series;
use sanad_source::{Result, districts, gdelt_months, stop, ucdp_dyadic, vdem, wdi, wgi};

const HEADERS: [&str; 14] = [
    "Country Name,Country Code,Series Name,Series Code,2010 [YR2010],2011 [YR2011]\n",
    "code,countryname,year,vae,vas,pve,gee,rqe,rle,cce,ver,vel,veu\n",
    "country_text_id,year,country_name,v2x_a,v2x_a_codelow,v2x_a_codehigh,v2x_a_sd\n",
    "start_date,end_date,country,geo_scope,area_name\n",
    "province,district,indicator,year,value,units,source\n",
    "year,coo_iso,coa_iso,total\n",
    "year,coo_iso,coa_iso,refugees,returned_refugees\n",
    "country_iso3,year_month,gdelt_a_count,gdelt_mean\n",
    "dyad_id,year,intensity_level,type_of_conflict,gwno_a,gwno_b,gwno_loc\n",
    "\"Data Source\",\"WDI\",\n\nCountry Name,Country Code,Indicator Name,Indicator Code,2010,2011,\n",
    "codeindyr,code,countryname,year,indicator,estimate,stddev,pctrank,pctranklower,pctrankupper\n",
    "Economy (name),Economy (code),Year,Governance estimate,Indicator\n",
    "ISO3,Name,Year,Conflict Stock Displacement,Conflict Stock Displacement (Raw)\n",
    "Year,Country of origin (ISO),Country of asylum (ISO),Refugees under UNHCR's mandate\n",
];

fn read(format: usize, data: &[u8]) -> Result<Series> {
    match format {
        0 | 9 => wdi::read(data),
        1 | 10 | 11 => wgi::read(data),
        2 => vdem::read(data, &[]),
        3 => stop::read(data),
        4 => districts::read(data, "PAK"),
        5 | 12 => displacement::read(data, Publisher::Idmc),
        6 | 13 => displacement::read(data, Publisher::Unhcr),
        7 => gdelt_months::read(data),
        _ => ucdp_dyadic::read(data),
    }
}

fuzz_target!(|data: &[u8]| {
    let [format, headed, body @ ..] = data else { return };
    let format = usize::from(*format) % HEADERS.len();
    let header = match headed % 8 {
        0 => String::new(),
        1 => HEADERS[format].replace(',', ";"),
        2 => HEADERS[format].replace(',', "\t"),
        _ => HEADERS[format].to_owned(),
    };
    let table = [header.as_bytes(), body].concat();
    let Ok(series) = read(format, &table) else { return };
    // Lines above the header and a row of tags are rows of the file as well.
    let last = table.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() as u64 + 1;
    assert!(series.rows_read < last + 1);
    let kept: BTreeSet<u64> = series.observations.iter().map(|one| one.source_row).collect();
    assert!(series.diagnostics.iter().all(|remark| !remark.kept || kept.contains(&remark.row)));
    for one in &series.observations {
        assert!(one.value.is_finite());
        assert!(one.standard_error.is_none_or(|error| error >= 0.0 && error.is_finite()));
        assert!((2..=last).contains(&one.source_row));
        assert!(one.period.start() <= one.period.end());
        assert_eq!(one.period.to_string().parse(), Ok(one.period));
    }
    assert!(series.diagnostics.iter().all(|remark| (2..=last).contains(&remark.row)));
    assert!(series.diagnostics.is_sorted_by_key(|remark| remark.row));
    assert_eq!(series, read(format, &table).unwrap());
});
