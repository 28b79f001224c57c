//! Countries by the codes that sources use for them.
//!
//! ISO 3166-1 alpha-3 is the code that records carry. Gleditsch and Ward's numbers, the World
//! Bank's older codes (`ROM`, `ZAR`, `WBG`), CAMEO's country codes and names in English are
//! turned into it here; what has no equal keeps its own code at the reader. Two further systems
//! are kept apart on purpose: VIEWS' `country_id` belongs to forecasts, and GDELT's FIPS codes
//! stand in columns of locations, which are not read.

/// A country or territory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Country {
    /// ISO 3166-1 alpha-3 code. `XKX` for Kosovo, and `DDR`, `VDR`, `YMD`, `YUG` for states that
    /// ended, follow the sources.
    pub iso3: &'static str,
    /// Gleditsch and Ward's number, where the list has the country as a state.
    pub gwno: Option<i32>,
    /// Name in English.
    pub name: &'static str,
    others: &'static str,
}

/// Codes of sources that differ from ISO: the World Bank's of before 2018 and CAMEO's.
const OTHER_CODES: [(&str, &str); 9] = [
    ("ADO", "AND"),
    ("KSV", "XKX"),
    ("MTN", "MNE"),
    ("ROM", "ROU"),
    ("TMP", "TLS"),
    ("WBG", "PSE"),
    ("WSB", "PSE"),
    ("XKV", "XKX"),
    ("ZAR", "COD"),
];

impl Country {
    /// The country with an ISO 3166-1 alpha-3 code, or with a code that the World Bank or CAMEO
    /// used for it.
    ///
    /// ```
    /// use sanad_core::country::Country;
    ///
    /// assert_eq!(Country::of_code("PAK").unwrap().gwno, Some(770));
    /// assert_eq!(Country::of_code("ROM").unwrap().iso3, "ROU");
    /// assert!(Country::of_code("WLD").is_none());
    /// ```
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        let other = OTHER_CODES.iter().find(|pair| pair.0 == code);
        let code = other.map_or(code, |pair| pair.1);
        Self::all().find(|country| country.iso3 == code)
    }

    /// The country with a Gleditsch–Ward number.
    #[must_use]
    pub fn of_gwno(gwno: i32) -> Option<Self> {
        Self::all().find(|country| country.gwno == Some(gwno))
    }

    /// The country with a name in English, as one of the sources known here spells it; case and
    /// blanks around it do not matter.
    ///
    /// ```
    /// use sanad_core::country::Country;
    ///
    /// assert_eq!(Country::of_name("Iran (Islamic Republic of)").unwrap().iso3, "IRN");
    /// ```
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let name = name.trim();
        let same = |other: &str| {
            other.chars().flat_map(char::to_lowercase).eq(name.chars().flat_map(char::to_lowercase))
        };
        Self::all()
            .find(|country| same(country.name) || country.others.split('|').any(same))
            .filter(|_| !name.is_empty())
    }

    /// Every country, in the order of their codes.
    pub fn all() -> impl Iterator<Item = Self> {
        COUNTRIES.iter().map(|&(iso3, gwno, name, others)| Self {
            iso3,
            gwno: (gwno != 0).then_some(gwno),
            name,
            others,
        })
    }
}

/// Code, Gleditsch–Ward number (0 for none), name, other names. Numbers after Gleditsch and Ward
/// (1999), *A revised list of independent states since the Congress of Vienna*, and its list of
/// microstates.
#[rustfmt::skip]
const COUNTRIES: &[(&str, i32, &str, &str)] = &[
    ("ABW", 0, "Aruba", ""),
    ("AFG", 700, "Afghanistan", ""),
    ("AGO", 540, "Angola", ""),
    ("AIA", 0, "Anguilla", ""),
    ("ALB", 339, "Albania", ""),
    ("AND", 232, "Andorra", ""),
    ("ANT", 0, "Netherlands Antilles (former)", ""),
    ("ARE", 696, "United Arab Emirates", ""),
    ("ARG", 160, "Argentina", ""),
    ("ARM", 371, "Armenia", ""),
    ("ASM", 0, "American Samoa", ""),
    ("ATG", 58, "Antigua and Barbuda", ""),
    ("AUS", 900, "Australia", ""),
    ("AUT", 305, "Austria", ""),
    ("AZE", 373, "Azerbaijan", ""),
    ("BDI", 516, "Burundi", ""),
    ("BEL", 211, "Belgium", ""),
    ("BEN", 434, "Benin", ""),
    ("BFA", 439, "Burkina Faso", ""),
    ("BGD", 771, "Bangladesh", ""),
    ("BGR", 355, "Bulgaria", ""),
    ("BHR", 692, "Bahrain", ""),
    ("BHS", 31, "Bahamas, The", ""),
    ("BIH", 346, "Bosnia and Herzegovina", ""),
    ("BLR", 370, "Belarus", ""),
    ("BLZ", 80, "Belize", ""),
    ("BMU", 0, "Bermuda", ""),
    ("BOL", 145, "Bolivia", "Bolivia (Plurinational State of)"),
    ("BRA", 140, "Brazil", ""),
    ("BRB", 53, "Barbados", ""),
    ("BRN", 835, "Brunei Darussalam", ""),
    ("BTN", 760, "Bhutan", ""),
    ("BWA", 571, "Botswana", ""),
    ("CAF", 482, "Central African Republic", ""),
    ("CAN", 20, "Canada", ""),
    ("CHE", 225, "Switzerland", ""),
    ("CHI", 0, "Channel Islands", ""),
    ("CHL", 155, "Chile", ""),
    ("CHN", 710, "China", ""),
    ("CIV", 437, "Ivory Coast", "Cote d'Ivoire|Côte d'Ivoire"),
    ("CMR", 471, "Cameroon", ""),
    ("COD", 490, "Democratic Republic of the Congo", "Congo, Dem. Rep.|Congo, Democratic Republic of|DR Congo|DemocraticRepublicCongo"),
    ("COG", 484, "Republic of the Congo", "Congo|Congo, Rep."),
    ("COK", 0, "Cook Islands", ""),
    ("COL", 100, "Colombia", ""),
    ("COM", 581, "Comoros", ""),
    ("CPV", 402, "Cape Verde", "Cabo Verde"),
    ("CRI", 94, "Costa Rica", ""),
    ("CUB", 40, "Cuba", ""),
    ("CUW", 0, "Curacao", ""),
    ("CYM", 0, "Cayman Islands", ""),
    ("CYP", 352, "Cyprus", ""),
    ("CZE", 316, "Czechia", "Czech Republic"),
    ("DDR", 265, "German Democratic Republic", ""),
    ("DEU", 260, "Germany", ""),
    ("DJI", 522, "Djibouti", ""),
    ("DMA", 54, "Dominica", ""),
    ("DNK", 390, "Denmark", ""),
    ("DOM", 42, "Dominican Republic", ""),
    ("DZA", 615, "Algeria", ""),
    ("ECU", 130, "Ecuador", ""),
    ("EGY", 651, "Egypt", "Egypt, Arab Rep."),
    ("ERI", 531, "Eritrea", ""),
    ("ESP", 230, "Spain", ""),
    ("EST", 366, "Estonia", ""),
    ("ETH", 530, "Ethiopia", ""),
    ("FIN", 375, "Finland", ""),
    ("FJI", 950, "Fiji", ""),
    ("FRA", 220, "France", ""),
    ("FRO", 0, "Faroe Islands", ""),
    ("FSM", 987, "Micronesia, Fed. Sts.", ""),
    ("GAB", 481, "Gabon", ""),
    ("GBR", 200, "United Kingdom", "United Kingdom of Great Britain and Northern Ireland"),
    ("GEO", 372, "Georgia", ""),
    ("GHA", 452, "Ghana", ""),
    ("GIB", 0, "Gibraltar", ""),
    ("GIN", 438, "Guinea", ""),
    ("GMB", 420, "The Gambia", "Gambia, The"),
    ("GNB", 404, "Guinea-Bissau", ""),
    ("GNQ", 411, "Equatorial Guinea", ""),
    ("GRC", 350, "Greece", ""),
    ("GRD", 55, "Grenada", ""),
    ("GRL", 0, "Greenland", ""),
    ("GTM", 90, "Guatemala", ""),
    ("GUF", 0, "French Guiana", ""),
    ("GUM", 0, "Guam", ""),
    ("GUY", 110, "Guyana", ""),
    ("HKG", 0, "Hong Kong SAR, China", ""),
    ("HND", 91, "Honduras", ""),
    ("HRV", 344, "Croatia", ""),
    ("HTI", 41, "Haiti", ""),
    ("HUN", 310, "Hungary", ""),
    ("IDN", 850, "Indonesia", ""),
    ("IMN", 0, "Isle of Man", ""),
    ("IND", 750, "India", ""),
    ("IRL", 205, "Ireland", ""),
    ("IRN", 630, "Iran", "Iran (Islamic Republic of)|Iran, Islamic Rep.|Iran, Islamic Republic of"),
    ("IRQ", 645, "Iraq", ""),
    ("ISL", 395, "Iceland", ""),
    ("ISR", 666, "Israel", ""),
    ("ITA", 325, "Italy", ""),
    ("JAM", 51, "Jamaica", ""),
    ("JEY", 0, "Jersey, Channel Islands", ""),
    ("JOR", 663, "Jordan", ""),
    ("JPN", 740, "Japan", ""),
    ("KAZ", 705, "Kazakhstan", ""),
    ("KEN", 501, "Kenya", ""),
    ("KGZ", 703, "Kyrgyzstan", "Kyrgyz Republic"),
    ("KHM", 811, "Cambodia", ""),
    ("KIR", 970, "Kiribati", ""),
    ("KNA", 60, "St. Kitts and Nevis", ""),
    ("KOR", 732, "South Korea", "Korea, Rep.|Republic of Korea"),
    ("KWT", 690, "Kuwait", ""),
    ("LAO", 812, "Laos", "Lao PDR|Lao People's Democratic Republic"),
    ("LBN", 660, "Lebanon", ""),
    ("LBR", 450, "Liberia", ""),
    ("LBY", 620, "Libya", ""),
    ("LCA", 56, "St. Lucia", ""),
    ("LIE", 223, "Liechtenstein", ""),
    ("LKA", 780, "Sri Lanka", "SriLanka"),
    ("LSO", 570, "Lesotho", ""),
    ("LTU", 368, "Lithuania", ""),
    ("LUX", 212, "Luxembourg", ""),
    ("LVA", 367, "Latvia", ""),
    ("MAC", 0, "Macao SAR, China", ""),
    ("MAF", 0, "St. Martin (French part)", ""),
    ("MAR", 600, "Morocco", ""),
    ("MCO", 221, "Monaco", ""),
    ("MDA", 359, "Moldova", "Republic of Moldova"),
    ("MDG", 580, "Madagascar", ""),
    ("MDV", 781, "Maldives", ""),
    ("MEX", 70, "Mexico", ""),
    ("MHL", 983, "Marshall Islands", ""),
    ("MKD", 343, "North Macedonia", "Macedonia"),
    ("MLI", 432, "Mali", ""),
    ("MLT", 338, "Malta", ""),
    ("MMR", 775, "Burma/Myanmar", "Myanmar"),
    ("MNE", 341, "Montenegro", ""),
    ("MNG", 712, "Mongolia", ""),
    ("MNP", 0, "Northern Mariana Islands", ""),
    ("MOZ", 541, "Mozambique", ""),
    ("MRT", 435, "Mauritania", ""),
    ("MTQ", 0, "Martinique", ""),
    ("MUS", 590, "Mauritius", ""),
    ("MWI", 553, "Malawi", ""),
    ("MYS", 820, "Malaysia", ""),
    ("NAM", 565, "Namibia", ""),
    ("NCL", 0, "New Caledonia", ""),
    ("NER", 436, "Niger", ""),
    ("NGA", 475, "Nigeria", ""),
    ("NIC", 93, "Nicaragua", ""),
    ("NIU", 0, "Niue", ""),
    ("NLD", 210, "Netherlands", ""),
    ("NOR", 385, "Norway", ""),
    ("NPL", 790, "Nepal", ""),
    ("NRU", 971, "Nauru", ""),
    ("NZL", 920, "New Zealand", ""),
    ("OMN", 698, "Oman", ""),
    ("PAK", 770, "Pakistan", ""),
    ("PAN", 95, "Panama", ""),
    ("PER", 135, "Peru", ""),
    ("PHL", 840, "Philippines", ""),
    ("PLW", 986, "Palau", ""),
    ("PNG", 910, "Papua New Guinea", ""),
    ("POL", 290, "Poland", ""),
    ("PRI", 0, "Puerto Rico", ""),
    ("PRK", 731, "North Korea", "Democratic People's Republic of Korea|Korea, Dem. People's Rep.|Korea, Dem. Rep."),
    ("PRT", 235, "Portugal", ""),
    ("PRY", 150, "Paraguay", ""),
    ("PSE", 0, "Palestine", "Palestine, State of"),
    ("PYF", 0, "French Polynesia", ""),
    ("QAT", 694, "Qatar", ""),
    ("REU", 0, "Réunion", ""),
    ("ROU", 360, "Romania", ""),
    ("RUS", 365, "Russia", "Russian Federation"),
    ("RWA", 517, "Rwanda", ""),
    ("SAU", 670, "Saudi Arabia", ""),
    ("SDN", 625, "Sudan", ""),
    ("SEN", 433, "Senegal", ""),
    ("SGP", 830, "Singapore", ""),
    ("SLB", 940, "Solomon Islands", ""),
    ("SLE", 451, "Sierra Leone", ""),
    ("SLV", 92, "El Salvador", ""),
    ("SMR", 331, "San Marino", ""),
    ("SOM", 520, "Somalia", ""),
    ("SRB", 340, "Serbia", ""),
    ("SSD", 626, "South Sudan", ""),
    ("STP", 403, "São Tomé and Principe", "Sao Tome and Principe"),
    ("SUR", 115, "Suriname", ""),
    ("SVK", 317, "Slovakia", "Slovak Republic"),
    ("SVN", 349, "Slovenia", ""),
    ("SWE", 380, "Sweden", ""),
    ("SWZ", 572, "Eswatini", "Swaziland"),
    ("SXM", 0, "Sint Maarten (Dutch part)", ""),
    ("SYC", 591, "Seychelles", ""),
    ("SYR", 652, "Syria", "Syrian Arab Republic"),
    ("TCA", 0, "Turks and Caicos Islands", ""),
    ("TCD", 483, "Chad", ""),
    ("TGO", 461, "Togo", ""),
    ("THA", 800, "Thailand", ""),
    ("TJK", 702, "Tajikistan", ""),
    ("TKM", 701, "Turkmenistan", ""),
    ("TLS", 860, "Timor-Leste", ""),
    ("TON", 972, "Tonga", ""),
    ("TTO", 52, "Trinidad and Tobago", ""),
    ("TUN", 616, "Tunisia", ""),
    ("TUR", 640, "Türkiye", "Turkey|Turkiye"),
    ("TUV", 973, "Tuvalu", ""),
    ("TWN", 713, "Taiwan", "Taiwan, China"),
    ("TZA", 510, "Tanzania", "Tanzania, United Republic of"),
    ("UGA", 500, "Uganda", ""),
    ("UKR", 369, "Ukraine", ""),
    ("URY", 165, "Uruguay", ""),
    ("USA", 2, "United States of America", "United States"),
    ("UZB", 704, "Uzbekistan", ""),
    ("VCT", 57, "St. Vincent and the Grenadines", ""),
    ("VDR", 817, "Republic of Vietnam", ""),
    ("VEN", 101, "Venezuela", "Venezuela (Bolivarian Republic of)|Venezuela, Bolivarian Republic of|Venezuela, RB"),
    ("VGB", 0, "British Virgin Islands", ""),
    ("VIR", 0, "Virgin Islands (U.S.)", ""),
    ("VNM", 816, "Vietnam", "Viet Nam"),
    ("VUT", 935, "Vanuatu", ""),
    ("WSM", 990, "Samoa", ""),
    ("XKX", 347, "Kosovo", ""),
    ("YEM", 678, "Yemen", "Yemen, Rep."),
    ("YMD", 680, "South Yemen", ""),
    ("YUG", 345, "Yugoslavia", ""),
    ("ZAF", 560, "South Africa", ""),
    ("ZMB", 551, "Zambia", ""),
    ("ZWE", 552, "Zimbabwe", ""),];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_numbers_and_names_each_mean_one_country() {
        let mut seen = BTreeSet::new();
        for country in Country::all() {
            assert!(seen.insert(country.iso3.to_owned()), "{}", country.iso3);
            if let Some(gwno) = country.gwno {
                assert!(seen.insert(gwno.to_string()), "{gwno}");
            }
            for name in country.others.split('|').filter(|name| !name.is_empty()) {
                assert!(seen.insert(name.to_lowercase()), "{name}");
            }
            assert!(seen.insert(country.name.to_lowercase()), "{}", country.name);
            assert_eq!(Country::of_name(country.name), Some(country));
            assert_eq!(Country::of_code(country.iso3), Some(country));
        }
    }

    #[test]
    fn what_is_no_country_has_none() {
        assert_eq!(Country::of_name(""), None);
        assert_eq!(Country::of_name("Atlantis"), None);
        assert_eq!(Country::of_gwno(751), None);
    }

    #[test]
    fn other_codes_lead_to_countries() {
        for (code, iso3) in OTHER_CODES {
            assert_eq!(Country::of_code(code).map(|country| country.iso3), Some(iso3));
        }
    }
}
